// Which part of the axis is looked at: zoom, and how far it is scrolled.

import { useCallback, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";
import type { KeyboardEvent, PointerEvent, RefObject } from "react";

import { scrollFor, zoomMax, zoomed } from "../logic/axis";

/** A page of paper, across. */
const PAPER_PX = 1_000;
/** Arrows move by this share of what is seen. */
const MOVE = 0.2;

const paper = matchMedia("print");

/** Whether what is drawn now is for paper: the whole call, whatever the screen shows. */
function usePaper(): boolean {
  return useSyncExternalStore(
    (changed) => {
      paper.addEventListener("change", changed);
      return () => paper.removeEventListener("change", changed);
    },
    () => paper.matches,
  );
}

export interface View {
  scroller: RefObject<HTMLDivElement | null>;
  /** What is seen at once, in pixels. */
  width: number;
  zoom: number;
  scroll: number;
  canZoomIn: boolean;
  canZoomOut: boolean;
  /** Closer, further, or the whole. `anchor` stays where it is. */
  zoomBy: (direction: 1 | -1 | 0, anchor?: number) => void;
  /** Does what a key says, zooming about `anchor`; whether it was one of its keys. */
  onKey: (event: KeyboardEvent, anchor?: number) => boolean;
  drag: { onPointerDown: (event: PointerEvent) => void; onPointerMove: (event: PointerEvent) => void };
}

/** `plotOf` says how wide the axis is for a width of the whole. */
export function useView(spanMs: number, plotOf: (width: number) => number): View {
  const scroller = useRef<HTMLDivElement>(null);
  const [screen, setScreen] = useState(0);
  const [zoom, setZoom] = useState(1);
  const [scroll, setScroll] = useState(0);
  const wanted = useRef<number>(undefined);
  const isPaper = usePaper();
  const width = isPaper ? PAPER_PX : screen;
  const max = zoomMax(spanMs, plotOf(screen));

  useLayoutEffect(() => {
    const frame = scroller.current;
    if (!frame) return undefined;
    setScreen(frame.clientWidth);
    const watch = new ResizeObserver(() => setScreen(frame.clientWidth));
    watch.observe(frame);
    const moved = () => setScroll(frame.scrollLeft);
    frame.addEventListener("scroll", moved, { passive: true });
    return () => {
      watch.disconnect();
      frame.removeEventListener("scroll", moved);
    };
  }, []);

  // When the axis of a running call gets longer, what is looked at keeps its size.
  const spanBefore = useRef(spanMs);
  useLayoutEffect(() => {
    const grown = spanMs / spanBefore.current;
    spanBefore.current = spanMs;
    setZoom((zoom) => (zoom === 1 ? 1 : Math.max(1, zoom * grown)));
  }, [spanMs]);

  useLayoutEffect(() => {
    if (wanted.current === undefined || !scroller.current) return;
    scroller.current.scrollLeft = wanted.current;
    setScroll(scroller.current.scrollLeft);
    wanted.current = undefined;
  }, [zoom]);

  const zoomBy = useCallback((direction: 1 | -1 | 0, anchor = screen / 2) => {
    const next = direction === 0 ? 1 : zoomed(zoom, direction, max);
    const left = screen - plotOf(screen);
    wanted.current = scrollFor(scroller.current?.scrollLeft ?? 0, Math.max(0, anchor - left), zoom, next);
    setZoom(next);
  }, [zoom, max, screen, plotOf]);

  useEffect(() => {
    const frame = scroller.current;
    if (!frame) return undefined;
    // React listens to wheels without the right to keep the page from zooming.
    const wheel = (event: WheelEvent) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      if (event.deltaY !== 0) zoomBy(event.deltaY < 0 ? 1 : -1, event.clientX - frame.getBoundingClientRect().left);
    };
    frame.addEventListener("wheel", wheel, { passive: false });
    return () => frame.removeEventListener("wheel", wheel);
  }, [zoomBy]);

  const onKey = (event: KeyboardEvent, anchor?: number): boolean => {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const frame = scroller.current;
    switch (event.key) {
      case "+":
      case "=":
        zoomBy(1, anchor);
        break;
      case "-":
      case "−":
        zoomBy(-1, anchor);
        break;
      case "0":
        zoomBy(0);
        break;
      case "ArrowLeft":
      case "ArrowRight":
        frame?.scrollBy({ left: (event.key === "ArrowLeft" ? -MOVE : MOVE) * width });
        break;
      case "Home":
      case "End":
        frame?.scrollTo({ left: event.key === "Home" ? 0 : frame.scrollWidth });
        break;
      default:
        return false;
    }
    event.preventDefault();
    return true;
  };

  const drag = {
    onPointerDown: (event: PointerEvent) => {
      // Fingers scroll by themselves.
      if (event.pointerType === "mouse" && event.button === 0) event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent) => {
      if (event.currentTarget.hasPointerCapture(event.pointerId)) scroller.current?.scrollBy({ left: -event.movementX });
    },
  };

  const shown = isPaper ? 1 : Math.min(zoom, max);
  return { scroller, width, zoom: shown, scroll: isPaper ? 0 : scroll, canZoomIn: shown < max, canZoomOut: shown > 1, zoomBy, onKey, drag };
}
