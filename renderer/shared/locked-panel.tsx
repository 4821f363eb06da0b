import { Button } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { type StepLock, stepTitles } from "../shell/steps.ts";
import "./locked-panel.css";

interface LockedPanelProps {
  lock: StepLock;
  onGo: (step: StepLock["goTo"]) => void;
}

/** Stands where a locked step would be: why it is locked, and the way to unlock it. */
export function LockedPanel({ lock, onGo }: LockedPanelProps) {
  return (
    <section className="locked-panel" aria-label="Locked">
      <IconLock className="locked-panel-icon" size={28} stroke={1.6} aria-hidden />
      <p className="locked-panel-reason">
        <strong>Locked.</strong> {lock.reason}
      </p>
      <p className="locked-panel-unlock">To unlock it: {lock.unlock}</p>
      <Button onClick={() => onGo(lock.goTo)}>Go to {stepTitles[lock.goTo]}</Button>
    </section>
  );
}
