import { IconFlask, IconLock, IconLockOpen } from "@tabler/icons-react";
import type { Project, Workspace } from "../../contract/project.ts";
import { Mark } from "./mark.tsx";
import { useGate } from "./queries.ts";
import type { Step } from "./steps.ts";
import "./top-bar.css";

interface TopBarProps {
  project: Project;
  onGo: (step: Step) => void;
}

/** The project's name, the gate's state wherever one is, and what kind of migration this is. */
export function TopBar({ project, onGo }: TopBarProps) {
  return (
    <header className="top-bar">
      <div className="top-bar-row">
        <Mark />
        <span className="top-bar-project" title={project.folder}>
          {project.name}
        </span>
        {project.workspace && <ActiveWorkspace workspace={project.workspace} onGo={onGo} />}
        <GateStatus onGo={onGo} />
      </div>
      {project.practice && (
        <div className="practice-banner">
          <IconFlask size={16} aria-hidden />
          <span>
            <strong>Practice migration.</strong> The people are invented, and everything is written to a
            simulator on this computer. Nothing can reach anybody.
          </span>
        </div>
      )}
    </header>
  );
}

/** Where every write goes. Customer.io's own production workspace stands out. */
function ActiveWorkspace({ workspace, onGo }: { workspace: Workspace; onGo: (step: Step) => void }) {
  const { name, role, endpoint } = workspace;
  const isProduction = role === "production" && endpoint === null;
  return (
    <button
      type="button"
      className={isProduction ? "active-workspace active-workspace-production" : "active-workspace"}
      title={`Everything is written to ${name}.`}
      onClick={() => onGo("workspace")}
    >
      <span className="active-workspace-name">{name}</span>
      <strong>{endpoint === null ? role : `simulated ${role}`}</strong>
    </button>
  );
}

function GateStatus({ onGo }: { onGo: (step: Step) => void }) {
  const { data: gate, isError } = useGate();
  // What cannot be read counts as locked, whatever it was before.
  const open = (gate?.open ?? false) && !isError;
  const Icon = open ? IconLockOpen : IconLock;
  const title = open ? "Gate open" : "Gate locked";
  const reason = open
    ? "Sending is allowed."
    : isError
      ? "Its state cannot be read."
      : (gate?.blockers[0]?.message ?? "Its state is being read.");
  return (
    <button
      type="button"
      className={open ? "gate-status gate-status-open" : "gate-status"}
      title={reason}
      onClick={() => onGo("gate")}
    >
      <Icon size={16} aria-hidden />
      <strong>{title}</strong>
      <span className="gate-status-reason">{reason}</span>
    </button>
  );
}
