declare module "*.css";

interface Window {
  /** Put there by the preload script. */
  sendgate: {
    /** The path on disk of a file that was dropped on the window. */
    pathForFile(file: File): string;
  };
}
