import type { ErasePreview } from "../../contract/workspaces.ts";
import { formatCount } from "../shared/format.ts";
import { Problems } from "../shared/upload-result.tsx";

/** Addresses that an erasure leaves, since somebody else holds them too. */
export function LeftAddresses({ left }: Pick<ErasePreview, "left">) {
  if (left.length === 0) return null;
  return (
    <>
      <p style={{ margin: 0 }}>
        {formatCount(left.length, "address stays", "addresses stay")}, since somebody else holds{" "}
        {left.length === 1 ? "it" : "them"} too:
      </p>
      <Problems label="Addresses that stay" problems={left} total={left.length} />
    </>
  );
}
