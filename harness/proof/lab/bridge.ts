import { once } from 'node:events';
import { connect, createServer, type ListenOptions, type NetConnectOpts, type Server } from 'node:net';

/** Passes every connection on. With a socket in the file system as one end it leads into, or out of, a network namespace. */
export async function openBridge(from: ListenOptions, to: NetConnectOpts): Promise<Server> {
  const server = createServer((near) => {
    const far = connect(to);
    near.pipe(far).pipe(near);
    // Either end going away ends the other; there is nothing to report to anyone else.
    near.on('error', () => far.destroy()).on('close', () => far.destroy());
    far.on('error', () => near.destroy()).on('close', () => near.destroy());
  });
  server.listen(from);
  await once(server, 'listening');
  return server;
}
