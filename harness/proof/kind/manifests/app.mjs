/** The workload of the rehearsal: answers everything, and goes on for a while when told to end, as a service should. */
import { createServer } from 'node:http';

/** Until then nobody sends it anything new: endpoints, kube-proxy and the proxies have heard that it goes. */
const drainMs = Number(process.env.DRAIN_MS ?? 6_000);

const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.end('served\n');
});
server.listen(Number(process.env.PORT ?? 8080), () => console.log(`listening on ${server.address().port}`));
process.once('SIGTERM', () => setTimeout(() => server.close(() => process.exit(0)), drainMs));
