/** Calls each target at a steady pace, whether or not earlier calls have ended, and counts the answers as metrics. */
import { createServer, request } from 'node:http';

const { GATEWAY = '', TARGETS = '', EVERY_MS = '100', PORT = '9100' } = process.env;
const timeoutMs = 5_000;

const counts = new Map();
for (const target of TARGETS.split(' ')) counts.set(target, { served: 0, failed: 0 });

function call(target) {
  const count = counts.get(target);
  const since = Date.now();
  let counted = false;
  const end = (failure) => {
    if (counted) return;
    counted = true;
    count[failure === undefined ? 'served' : 'failed'] += 1;
    if (failure !== undefined)
      console.log(`${new Date().toISOString()} ${target} ${failure} after ${Date.now() - since} ms`);
  };
  // A connection each: one that is kept may be closed by the other side just as it is used again, which is nobody's failure.
  const sent = request(`${GATEWAY}/${target}`, { agent: false, timeout: timeoutMs }, (response) => {
    response.resume();
    response.on('end', () => end(response.statusCode === 200 ? undefined : `HTTP ${response.statusCode}`));
    response.on('error', (error) => end(error.message));
  });
  sent.on('timeout', () => sent.destroy(new Error('timeout')));
  sent.on('error', (error) => end(error.message));
  sent.end();
}

const render = () =>
  [...counts]
    .flatMap(([target, count]) =>
      Object.entries(count).map(
        ([outcome, value]) => `load_requests_total{target="${target}",outcome="${outcome}"} ${value}`,
      ),
    )
    .join('\n');

const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
  response.end(`# TYPE load_requests_total counter\n${render()}\n`);
});
server.listen(Number(PORT), () => console.log(`listening on ${server.address().port}`));
for (const target of counts.keys()) setInterval(() => call(target), Number(EVERY_MS));
process.once('SIGTERM', () => process.exit(0));
