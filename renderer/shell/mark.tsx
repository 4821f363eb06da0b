/** The sign of Sendgate: a gate's two posts, a closed bar and the way through. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true">
      <path
        d="M4 21V6.5M20 21V6.5M4 10h16M4 15.5h16"
        stroke="var(--sg-accent)"
        strokeWidth="2.2"
        strokeLinecap="round"
      />
      <path d="M12 10v5.5" stroke="var(--sg-accent)" strokeWidth="2.2" />
      <circle cx="4" cy="3.6" r="1.9" fill="var(--sg-accent)" />
      <circle cx="20" cy="3.6" r="1.9" fill="var(--sg-accent)" />
    </svg>
  );
}
