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
        stays: expect.stringMatching(/no time in unix seconds/),
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
