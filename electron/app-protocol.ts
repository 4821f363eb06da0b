import { readFile } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";
import { protocol, type Session } from "electron";

/** The window's own protocol. `file://` would give the page the right to read other files. */
export const appScheme = "sendgate";
export const appOrigin = `${appScheme}://app`;
export const appPage = `${appOrigin}/index.html`;

/** Mantine sets its variables through style elements, hence the inline styles; scripts are never inline. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const contentTypes: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
};

/** Must run before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: appScheme, privileges: { standard: true, secure: true } }]);
}

/** Serves the page's files, and nothing outside `folder`, to `session`. */
export function serveApp(session: Session, folder: string): void {
  session.protocol.handle(appScheme, (request) => answer(request, folder));
}

async function answer(request: Request, folder: string): Promise<Response> {
  const file = fileFor(request, folder);
  const contentType = file && contentTypes[extname(file)];
  if (!contentType) return new Response(null, { status: 404 });
  try {
    return new Response(await readFile(file), {
      headers: {
        "content-type": contentType,
        "content-security-policy": contentSecurityPolicy,
        "cross-origin-opener-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
      },
    });
  } catch {
    return new Response(null, { status: 404 });
  }
}

function fileFor(request: Request, folder: string): string | null {
  if (request.method !== "GET" || !request.url.startsWith(`${appOrigin}/`)) return null;
  const [path = ""] = request.url.slice(appOrigin.length).split(/[?#]/);
  let name: string;
  try {
    name = decodeURIComponent(path);
  } catch {
    return null;
  }
  const file = normalize(join(folder, name));
  return file.startsWith(folder + sep) && !file.includes("\0") ? file : null;
}
