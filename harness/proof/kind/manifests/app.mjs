/** The workload of the rehearsal: answers everything, and goes on for a while when told to end, as a service should. */
import { createServer } from 'node:http';

/** Until then nobody sends it anything new: endpoints, kube-proxy and the proxies have heard that it goes. */
const drainMs = Number(process.env.DRAIN_MS ?? 6_000);
/** How long an answer takes. */
const answerMs = Number(process.env.ANSWER_MS ?? 0);

const server = createServer((_request, response) => {
  const answer = () => response.writeHead(200, { 'content-type': 'text/plain' }).end('served\n');
  if (answerMs === 0) answer();
  else setTimeout(answer, answerMs);
});
// By default Node closes a connection that was idle for 5 s, maybe just as its proxy uses it again: a 503 that no restart causes.
server.keepAliveTimeout = 0;
server.listen(Number(process.env.PORT ?? 8080), () => console.log(`listening on ${server.address().port}`));
process.once('SIGTERM', () => setTimeout(() => server.close(() => process.exit(0)), drainMs));
