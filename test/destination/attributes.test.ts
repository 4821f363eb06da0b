import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { mapAttribute, previewAttributes } from "../../engine/plan/attribute-preview.ts";
import { state } from "../delivery/test-migration.ts";
import { OccupiedWorkspace } from "./harness.ts";

let workspace: OccupiedWorkspace;
beforeEach(async () => {
  workspace = await OccupiedWorkspace.start();
});
afterEach(() => workspace.migration.end());

async function preview() {
  const attributes = await previewAttributes(workspace.migration.project);
  return Object.fromEntries(attributes.map(({ name, ...attribute }) => [name, attribute]));
}

async function mapped(name: string, destination: string | null): Promise<void> {
  await mapAttribute(workspace.migration.project, { name, destination });
}

describe("the preview of attributes", () => {
  test("shows under which name each goes, whose it is, and what is sent", async () => {
    await workspace.planned([
      {
        userId: "1",
        email: "1@x.com",
        attributes: { city: "Bern", created_at: "2024-01-02T03:04:05Z", "csv.Row": "7" },
      },
      {
        userId: "2",
        email: "2@x.com",
        attributes: { city: "Chur", created_at: "some day", unsubscribed: "no" },
      },
      { userId: "3", email: "3@x.com", attributes: { city: "x".repeat(1001), vip: true } },
    ]);
    expect(await preview()).toEqual({
      city: {
        persons: 3,
        destination: "city",
        chosen: false,
        stays: expect.stringMatching(/longer than 1,000 bytes/),
        examples: [
          { value: "Bern", sent: '"Bern"' },
          { value: "Chur", sent: '"Chur"' },
          { value: "x".repeat(120), sent: null },
        ],
      },
      created_at: {
        persons: 2,
        destination: "created_at",
        chosen: false,
        stays: expect.stringMatching(/no time since 1970/),
        examples: [
          { value: "2024-01-02T03:04:05Z", sent: "1704164645" },
          { value: "some day", sent: null },
        ],
      },
      "csv.Row": {
        persons: 1,
        destination: null,
        chosen: false,
        stays: expect.stringMatching(/bookkeeping/),
        examples: [{ value: "7", sent: null }],
      },
      unsubscribed: {
        persons: 1,
        destination: "unsubscribed",
        chosen: false,
        stays: expect.stringMatching(/reserves the name/),
        examples: [{ value: "no", sent: null }],
      },
      vip: {
        persons: 1,
        destination: "vip",
        chosen: false,
        stays: null,
        examples: [{ value: "true", sent: "true" }],
      },
    });
  });

  test("the time of signing up goes in whole unix seconds, whatever form it has", async () => {
    const forms: [value: string | number, seconds: number | null][] = [
      ["1618418881", 1_618_418_881],
      [1618418881, 1_618_418_881],
      ["1618418881.75", 1_618_418_881],
      ["1618418881000", 1_618_418_881],
      [1618418881999, 1_618_418_881],
      ["925898400", 925_898_400],
      ["925898400000", 925_898_400],
      ["1999-05-05 10:00:00", 925_898_400],
      ["1999-05-05T10:00", 925_898_400],
      ["1999-05-05T10:00Z", 925_898_400],
      ["1999-05-05T12:00+02:00", 925_898_400],
      ["1999-05-05 10:00:00 +00:00", 925_898_400],
      ["1999-05-05T10:00:00.999Z", 925_898_400],
      ["1999-05-05", 925_862_400],
      ["05/04/1999", null],
      ["2021", null],
      ["20210414164801", null],
      ["1969-12-31", null],
      ["2021-02-30", null],
      ["16184188810000000", null],
    ];
    await workspace.planned(
      forms.map(([created_at], n) => ({ userId: `p${n}`, email: `${n}@x.com`, attributes: { created_at } })),
    );
    const sent = new Map(
      (await workspace.migration.operations("profiles")).map(({ subject, attributes }) => [
        subject,
        attributes,
      ]),
    );
    for (const [n, [value, seconds]] of forms.entries()) {
      expect([value, sent.get(`id:p${n}`)?.created_at ?? null]).toEqual([value, seconds]);
    }
  });

  test("what has a name that means something over there stays here", async () => {
    const names = [
      "_last_emailed",
      "_created_in_customerio_at",
      " email",
      "id ",
      "cio_city",
      "sendgate_level",
    ];
    const reserved = Object.fromEntries(names.map((name) => [name, "x"]));
    await workspace.planned([{ userId: "1", email: "1@x.com", attributes: { ...reserved, city: "Bern" } }]);
    const [profile] = await workspace.migration.operations("profiles");
    expect(profile!.attributes).toEqual({ email: "1@x.com", sendgate_source: "csv", city: "Bern" });
  });

  test("a profile takes 300 attributes, and what stays here anyway takes the place of none", async () => {
    const attributes = Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`a${n}`, "x"]));
    const reserved = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`_${n}`, "x"]));
    await workspace.planned([
      { userId: "1", email: "1@x.com", attributes: { ...attributes, ...reserved } },
      { userId: "2", email: "2@x.com", attributes: { ...reserved, city: "Bern" } },
    ]);
    const [full, small] = await workspace.migration.operations("profiles");
    // `unsubscribed` and `sendgate_level` have their places kept.
    expect(Object.keys(full!.attributes!)).toHaveLength(298);
    expect(small!.attributes).toMatchObject({ city: "Bern" });
    expect((await workspace.plan())!.warnings.join()).toMatch(
      /104 attribute values stay here, because a profile takes 300/,
    );
  });

  test("asks for a plan first", async () => {
    await expect(previewAttributes(workspace.migration.project)).rejects.toMatchObject({
      code: "NOT_PLANNED",
    });
  });
});

describe("a mapping of attributes", () => {
  test("renames, leaves out, and brings a vendor's bookkeeping along as the time of signing up", async () => {
    await workspace.planned([
      {
        userId: "1",
        email: "1@x.com",
        attributes: {
          "Fav Colour": "red",
          secret: "s",
          "csv.Signed up": "2024-01-02T03:04:05Z",
          city: "Bern",
        },
        states: [state("unsubscribed_all")],
      },
    ]);
    await mapped("Fav Colour", "favourite_colour");
    await mapped("secret", null);
    await mapped("csv.Signed up", "created_at");
    expect((await workspace.plan())!.current).toBe(false);
    await workspace.migration.plan();
    const [profile] = await workspace.migration.operations("profiles");
    expect(profile!.attributes).toEqual({
      unsubscribed: true,
      email: "1@x.com",
      sendgate_source: "csv",
      sendgate_level: "unsubscribed_all",
      city: "Bern",
      created_at: 1_704_164_645,
      favourite_colour: "red",
    });
    expect((await preview()).secret).toMatchObject({
      destination: null,
      chosen: true,
      stays: "By your choice.",
    });
    await mapped("secret", "secret");
    await workspace.migration.plan();
    const [again] = await workspace.migration.operations("profiles");
    expect(again!.attributes).toMatchObject({ secret: "s" });
  });

  test("under the name of another attribute takes that one's place, and the operator is told", async () => {
    await workspace.planned([
      { userId: "1", email: "1@x.com", attributes: { town: "Chur", city: "Bern" } },
      { userId: "2", email: "2@x.com", attributes: { city: "Thun" } },
    ]);
    await mapped("town", "city");
    await workspace.migration.plan();
    const profiles = await workspace.migration.operations("profiles");
    expect(profiles.map(({ attributes }) => attributes!.city)).toEqual(["Chur", "Thun"]);
    expect((await workspace.plan())!.warnings).toEqual([
      expect.stringMatching(
        /1 attribute value stays here, because another attribute goes under that name: city/,
      ),
    ]);
  });

  test.each([
    ["id", "ATTRIBUTE_RESERVED"],
    ["unsubscribed", "ATTRIBUTE_RESERVED"],
    ["cio_subscription_preferences", "ATTRIBUTE_RESERVED"],
    ["sendgate_source", "ATTRIBUTE_RESERVED"],
    ["_update", "ATTRIBUTE_RESERVED"],
    ["é".repeat(76), "ATTRIBUTE_NAME_LONG"],
    ["taken", "ATTRIBUTE_NAME_TAKEN"],
  ])("to a name that Customer.io does not take is refused: %s", async (destination, code) => {
    await workspace.planned([{ userId: "1", email: "1@x.com", attributes: { a: "1", b: "2" } }]);
    await mapped("b", "taken");
    await expect(mapped("a", destination)).rejects.toMatchObject({ kind: "bad_input", code });
  });

  test("of an attribute that nobody has is refused", async () => {
    await workspace.planned([{ userId: "1", email: "1@x.com", attributes: { a: "1" } }]);
    await expect(mapped("A", "b")).rejects.toMatchObject({ code: "ATTRIBUTE_UNKNOWN" });
  });
});
