import type { Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";

const sockets = new WeakMap<Server, Set<Socket>>();

/** Listens on loopback. @param port 0 for any free one @returns the origin */
export async function listen(server: Server, port: number): Promise<string> {
  const open = new Set<Socket>();
  sockets.set(server, open);
  server.keepAliveTimeout = 60_000;
  server.on("connection", (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Closes it with all its connections. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of sockets.get(server) ?? []) socket.destroy();
  await closed;
}
