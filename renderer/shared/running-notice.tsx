import type { ReactNode } from "react";
import { Notice } from "./notice.tsx";

interface RunningNoticeProps {
  /** What runs, as a sentence: `The upload is running.` */
  title: string;
  /** What else is good to know meanwhile. */
  children?: ReactNode;
}

/** Stands where the result of a task will be, and says where its progress is. */
export function RunningNotice({ title, children }: RunningNoticeProps) {
  return (
    <Notice kind="info" title={title}>
      Its progress and the buttons to pause or cancel it are at the bottom of the window. {children}
    </Notice>
  );
}
