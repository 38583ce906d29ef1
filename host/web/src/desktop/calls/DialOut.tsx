import { Panel } from "../../kit/Panel";
import { useDesk, useTrial } from "../desk";
import { Failure } from "../Failure";
import { whyNotDial } from "../logic/reasons";
import { Destination } from "./Destination";

/** Calls somebody. */
export function DialOut() {
  const { session } = useDesk();
  const trial = useTrial();
  const channel = session.channels.find(({ object }) => object.type === "telephony");
  if (!channel) return null;
  const why = trial.why ?? (channel.enabled.includes("channel.dial") ? undefined : whyNotDial(channel.availability?.state, channel.state));
  return (
    <Panel title="Dial out">
      <Destination label="Number or colleague" submit="Dial" why={why} onChoose={(destination) => void trial.try("Dial", "channel.dial", channel.target, { destination })} />
      <Failure trial={trial} />
    </Panel>
  );
}
