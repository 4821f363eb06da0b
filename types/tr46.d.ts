/** tr46 ships no types. UTS-46 processing, https://www.unicode.org/reports/tr46/ */
declare module "tr46" {
  interface ToAsciiOptions {
    checkBidi: boolean;
    checkHyphens: boolean;
    checkJoiners: boolean;
    transitionalProcessing: boolean;
    useSTD3ASCIIRules: boolean;
    verifyDNSLength: boolean;
  }
  /** The domain in ASCII, or null where UTS-46 refuses it. */
  export function toASCII(domain: string, options: ToAsciiOptions): string | null;
}
