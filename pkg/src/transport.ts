/** What carries the frames of one attempt to connect. */
export interface Socket {
  send(text: string): void;
  close(code: number, reason: string): void;
}

/** What a socket tells: `opened`, then frames, then `closed`; `closed` alone where it never stood. Nothing after `closed`. */
export interface SocketEvents {
  opened(): void;
  text(frame: string): void;
  binary(): void;
  closed(code: number, reason: string): void;
}

/** Opens sockets. `WebSocket` is the usual one; the simulator brings one that stays within the process. */
export interface Transport {
  open(url: string, events: SocketEvents): Socket;
}

/** The close code of a socket that ended without one. */
const ABNORMAL = 1006;

type WebSocketClass = new (url: string) => WebSocket;

/** Sockets by this class, or the platform's own. */
export function webSockets(choose: () => WebSocketClass = () => WebSocket): Transport {
  return {
    open(url, events) {
      let isOver = false;
      const over = (code: number, reason: string) => {
        if (isOver) return;
        isOver = true;
        events.closed(code, reason);
      };
      let socket: WebSocket;
      try {
        socket = new (choose())(url);
      } catch (error) {
        // An address that is none, or one a secure page may not use.
        queueMicrotask(() => over(ABNORMAL, String(error)));
        return { send() {}, close() {} };
      }
      socket.binaryType = "arraybuffer";
      socket.onopen = () => events.opened();
      socket.onmessage = ({ data }) => (typeof data === "string" ? events.text(data) : events.binary());
      socket.onclose = ({ code, reason }) => over(code, reason);
      socket.onerror = () => {};
      return {
        send: (text) => socket.send(text),
        close: (code, reason) => socket.close(code, reason),
      };
    },
  };
}
