import { Component } from "react";
import type { ReactNode } from "react";

import { Button } from "../kit/Button";
import { Empty } from "../kit/Empty";

/** Keeps the frame, and the connection, where a page fails. */
export class Boundary extends Component<{ children: ReactNode }, { failure?: string }> {
  override state: { failure?: string } = {};

  static getDerivedStateFromError(error: unknown): { failure: string } {
    return { failure: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    if (this.state.failure === undefined) return this.props.children;
    return (
      <Empty title="This page stopped working" action={<Button kind="primary" onClick={() => location.reload()}>Load it again</Button>}>
        <p>Sessions and calls are not touched by it. Loading the page again helps, mostly; please report what it says:</p>
        <p><code>{this.state.failure}</code></p>
      </Empty>
    );
  }
}
