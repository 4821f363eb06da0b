import { Title } from "@mantine/core";
import { type ReactNode, useEffect, useId, useRef } from "react";
import "./page.css";

interface PageProps {
  title: string;
  /** One or two sentences: what this step is for. */
  lead: ReactNode;
  children: ReactNode;
}

/** The frame of a screen: title, purpose, content. Takes the focus when it opens, so that screen readers start here. */
export function Page({ title, lead, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className="page">
      <div className="page-head">
        <Title order={1} ref={heading} tabIndex={-1} className="page-title">
          {title}
        </Title>
        <p className="page-lead">{lead}</p>
      </div>
      {children}
    </div>
  );
}

interface SectionProps {
  title: string;
  /** Beside the title: buttons or a short remark. */
  aside?: ReactNode;
  /** A sentence under the title. */
  explanation?: ReactNode;
  children?: ReactNode;
}

/** One part of a screen, under a heading of the second order. */
export function Section({ title, aside, explanation, children }: SectionProps) {
  const id = useId();
  return (
    <section className="section" aria-labelledby={id}>
      <div className="section-head">
        <Title order={2} id={id}>
          {title}
        </Title>
        {aside && <div className="section-aside">{aside}</div>}
      </div>
      {explanation && <p className="section-explanation">{explanation}</p>}
      {children}
    </section>
  );
}
