import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconInfoCircle } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef } from "react";
import { type ShownFailure, shownFailure } from "./failure.ts";
import "./notice.css";

const icons = {
  info: IconInfoCircle,
  good: IconCircleCheck,
  attention: IconAlertTriangle,
  problem: IconCircleX,
};

interface NoticeProps {
  kind: keyof typeof icons;
  title: ReactNode;
  children?: ReactNode;
  /** Buttons. */
  actions?: ReactNode;
  /** Read out and brought into view when it appears: results and failures. Standing notices are not. */
  live?: boolean;
}

/** A sentence or two that stand out, in one of four tones. */
export function Notice({ kind, title, children, actions, live = false }: NoticeProps) {
  const Icon = icons[kind];
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (live) box.current?.scrollIntoView({ block: "nearest" });
  }, [live]);
  return (
    <div
      ref={box}
      className={`notice notice-${kind}`}
      {...(live && { role: kind === "problem" ? "alert" : "status" })}
    >
      <Icon className="notice-icon" size={20} stroke={1.8} aria-hidden />
      <div className="notice-body">
        <p className="notice-title">{title}</p>
        {children && <div className="notice-text">{children}</div>}
      </div>
      {actions && <div className="notice-actions">{actions}</div>}
    </div>
  );
}

/** What went wrong and what to do next. What the operator cancelled went as they wanted, and is no problem. */
export function FailureNotice({ error, actions }: { error: unknown; actions?: ReactNode }) {
  const { code, message, nextStep }: ShownFailure = shownFailure(error);
  return (
    <Notice kind={code === "CANCELLED" ? "info" : "problem"} title={message} actions={actions} live>
      {nextStep}
    </Notice>
  );
}
