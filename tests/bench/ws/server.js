// One publisher over TCP, any number of WebSocket clients: each byte the publisher sends is one message to every client.
import { createServer } from "node:net";
import { WebSocketServer } from "ws";

const message = "x".repeat(Number(process.argv[2]));
const clients = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
const publisher = createServer((socket) => {
  socket.on("data", (bytes) => {
    for (let published = 0; published < bytes.length; published += 1) {
      for (const client of clients.clients) client.send(message);
    }
  });
});
clients.on("listening", () => {
  publisher.listen(0, "127.0.0.1", () => {
    console.log(`${clients.address().port} ${publisher.address().port}`);
  });
});
