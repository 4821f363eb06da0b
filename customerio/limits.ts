/** The published limits of Track, in UTF-8 bytes (reference/customerio.md §1.1). */
export const limits = {
  idBytes: 150,
  attributeNameBytes: 150,
  attributeValueBytes: 1_000,
  attributes: 300,
} as const;
