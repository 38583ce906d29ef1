import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { KeyboardEvent, PointerEvent } from "react";

import { counted } from "../data/format";
import { Button } from "../kit/Button";
import { Panel } from "../kit/Panel";
import { At } from "../kit/Time";
import { Legend } from "./Legend";
import { StepTip } from "./StepTip";
import { TimelinePicture } from "./TimelinePicture";
import { useView } from "./hooks/useView";
import { arrows } from "./logic/arrows";
import { spanOf } from "./logic/axis";
import { EDGE_PX, layout } from "./logic/layout";
import { picture } from "./logic/lanes";
import type { Ending, Step } from "./logic/steps";
import styles from "./Timeline.module.css";

interface TimelineProps {
  steps: readonly Step[];
  ending: Ending | undefined;
  /** The present, or until when it is known. */
  at: number;
  isLive: boolean;
  asOf: number | undefined;
}

/** So much of the axis comes into sight when the present leaves it. */
const FOLLOW = 0.3;
const NOTHING = { lanes: [], bars: [] };

/** A call as a picture: time to the right, a lane for each device. */
export function Timeline({ steps, ending, at, isLive, asOf }: TimelineProps) {
  const begin = useMemo(() => Math.min(...steps.map((step) => step.from)), [steps]);
  const end = Math.max(ending?.at ?? 0, ...steps.map((step) => step.to));
  const isGrowing = steps.some(({ isRunning }) => isRunning);
  const spanMs = spanOf(end - begin, isGrowing);
  const drawn = useMemo(() => picture(steps), [steps]);
  const drawnArrows = useMemo(() => arrows(drawn), [drawn]);
  const plotOf = useCallback((width: number) => layout(NOTHING, [], width).plot, []);
  const view = useView(spanMs, plotOf);
  const laid = useMemo(() => layout(drawn, drawnArrows, view.width), [drawn, drawnArrows, view.width]);
  const [chosen, setChosen] = useState<number>();
  const scale = (laid.plot * view.zoom) / spanMs;
  const x = (time: number) => laid.left + (time - begin) * scale - view.scroll;

  const step = chosen === undefined ? undefined : steps[chosen];
  const placed = chosen === undefined ? undefined : drawn.bars[chosen];
  const isSeen = step !== undefined && x(step.to) >= laid.left - EDGE_PX && x(step.from) <= laid.width;

  // What is under way stays in sight as time passes; who looks elsewhere, or more closely, is left alone.
  const nowX = x(at);
  const before = useRef({ isSeen: false, scale });
  useEffect(() => {
    const right = laid.width - EDGE_PX;
    const { isSeen, scale: was } = before.current;
    if (isLive && isSeen && was === scale && nowX > right) view.scroller.current?.scrollBy({ left: laid.plot * FOLLOW });
    before.current = { isSeen: nowX >= laid.left && nowX <= right, scale };
  }, [isLive, nowX, laid, scale]);

  const key = (event: KeyboardEvent) => {
    const anchor = step && x((step.from + step.to) / 2);
    if (view.onKey(event, anchor)) return;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape" && chosen !== undefined) setChosen(undefined);
    else if (move !== undefined) {
      const next = chosen === undefined ? (move > 0 ? 0 : steps.length - 1) : Math.min(steps.length - 1, Math.max(0, chosen + move));
      setChosen(next);
      const step = steps[next];
      const left = step ? x(step.from) : 0;
      if (left < laid.left || left > laid.width - 80) view.scroller.current?.scrollBy({ left: left - laid.left - 40 });
    } else return;
    event.preventDefault();
  };
  const over = (event: PointerEvent) => {
    const step = (event.target as Element).closest("[data-step]")?.getAttribute("data-step");
    setChosen(step == null ? undefined : Number(step));
  };

  return (
    <Panel
      title="Timeline"
      aside={(
        <>
          {asOf !== undefined && <span className={styles.asOf} data-tone="away">as of <At at={asOf} /></span>}
          <span className={styles.controls} role="group" aria-label="Zoom">
            <Button kind="quiet" aria-label="Zoom out" title="Zoom out (−)" reason={view.canZoomOut ? undefined : "The whole call is shown"} onClick={() => view.zoomBy(-1)}>−</Button>
            <Button kind="quiet" aria-label="Zoom in" title="Zoom in (+)" reason={view.canZoomIn ? undefined : "It cannot be looked at more closely"} onClick={() => view.zoomBy(1)}>+</Button>
            <Button kind="quiet" title="Show the whole call (0)" reason={view.canZoomOut ? undefined : "The whole call is shown"} onClick={() => view.zoomBy(0)}>Whole call</Button>
          </span>
        </>
      )}
    >
      <div className={styles.figure}>
        <div
          ref={view.scroller}
          className={styles.scroller}
          role="group"
          aria-label="Timeline of the call. Plus, minus and 0 zoom, left and right move, up and down tell the steps."
          tabIndex={0}
          onKeyDown={key}
          onBlur={() => setChosen(undefined)}
          data-zoomed={view.canZoomOut || undefined}
        >
          <div className={styles.track} style={{ inlineSize: view.width === 0 ? "100%" : view.width + laid.plot * (view.zoom - 1) }}>
            <div className={styles.window} onPointerOver={over} onPointerLeave={() => setChosen(undefined)} {...view.drag}>
              {view.width > 0 && (
                <TimelinePicture
                  label={`Timeline: ${counted(drawn.lanes.length, "device")}, ${counted(steps.length, "step")}. The table of steps below tells the same.`}
                  drawn={drawn} arrows={drawnArrows} laid={laid} x={x} begin={begin} spanMs={spanMs} scale={scale} scroll={view.scroll}
                  ending={ending} now={isGrowing ? at : undefined} isLive={isLive} chosen={chosen}
                />
              )}
            </div>
          </div>
        </div>
        <StepTip step={isSeen ? step : undefined} placed={placed} laid={laid} left={step ? x(step.from) : 0} />
      </div>
      <Legend steps={steps} arrows={drawnArrows} />
    </Panel>
  );
}
