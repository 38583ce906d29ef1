/** A call that waits: of the calls' own colour, and not of their shape. */
export function HeldMark() {
  return (
    <svg width="12" height="12" viewBox="0 0 12 12" data-tone="busy" aria-hidden="true">
      <path d="M2.5 1.5h2.5v9H2.5zM7 1.5h2.5v9H7z" fill="currentColor" />
    </svg>
  );
}
