import type { Session, WebContents } from "electron";
import { appOrigin } from "./app-protocol.ts";

/**
 * The page has no network: every request but those for its own files is refused here, besides the content
 * security policy that refuses them in the page. The engine's requests come from another process.
 * @param devTools whether the developer tools may load their own pages
 */
export function blockNetwork(session: Session, devTools: boolean): void {
  session.webRequest.onBeforeRequest((details, answer) => {
    const own = details.url.startsWith(`${appOrigin}/`) || (devTools && details.url.startsWith("devtools:"));
    answer({ cancel: !own });
  });
  // Dictionaries would be downloaded.
  session.setSpellCheckerEnabled(false);
}

/** WebRTC's datagrams pass by the session's request filter. */
export function blockWebRtc(contents: WebContents): void {
  contents.setWebRTCIPHandlingPolicy("disable_non_proxied_udp");
}
