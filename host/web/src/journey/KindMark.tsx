import type { DeviceType } from "interaction-processor";

/** A shape for each kind of device, on a field of 12 by 12. */
const SHAPES: Partial<Record<string, React.ReactNode>> = {
  Trigger: <path d="M1 6h7M5 2.5 8.5 6 5 9.5M11 1.5v9" />,
  IVR: <path d="M1.5 2h9v6h-5L3 10.5V8H1.5z" />,
  CSQ: <path d="M1.5 2.5h9M1.5 6h9M1.5 9.5h5" />,
  Agent: (
    <>
      <circle cx="6" cy="3.5" r="2.25" />
      <path d="M1.5 11c0-5 9-5 9 0" />
    </>
  ),
  External: <path d="M3 1.5h6v9H3zM5 8.75h2" />,
};
const UNKNOWN = <circle cx="6" cy="6" r="4" />;

/** The shape alone, to be drawn within a picture. */
export function KindShape({ kind }: { kind: DeviceType }) {
  return <g fill="none" stroke="currentColor" strokeWidth="1.25" strokeLinecap="round" strokeLinejoin="round">{SHAPES[kind] ?? UNKNOWN}</g>;
}

/** Before a word. */
export function KindMark({ kind }: { kind: DeviceType }) {
  return <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true"><KindShape kind={kind} /></svg>;
}
