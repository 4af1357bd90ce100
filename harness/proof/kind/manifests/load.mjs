/**
 * Calls each target at a steady pace, whether or not earlier calls have ended. What it got is counted as metrics, and written to a file:
 * a line for each target and second, by the second in which the call began.
 */
import { appendFileSync } from 'node:fs';
import { createServer, request } from 'node:http';

const { GATEWAY = '', TARGETS = '', EVERY_MS = '100', PORT = '9100', FILE = '/calls/outside.jsonl' } = process.env;
// An answer that comes late is no lost request.
const timeoutMs = 15_000;
/** Below the ports that the kernel gives to connections (`net.ipv4.ip_local_port_range`). */
const FIRST_OWN_PORT = 20_000;

const counts = new Map();
/** What came of the calls to a target in a second, by when they began, until it is written; `open` are under way. */
const rows = new Map();
for (const target of TARGETS.split(' ')) counts.set(target, { served: 0, failed: 0 });

function rowOf(target, second) {
  const key = `${target} ${second}`;
  const row = rows.get(key) ?? { second, target, served: 0, failed: {}, slowestMs: 0, open: 0 };
  rows.set(key, row);
  return row;
}

function call(target) {
  const since = Date.now();
  const row = rowOf(target, Math.floor(since / 1000));
  row.open += 1;
  let counted = false;
  const end = (failure, details = '') => {
    if (counted) return;
    counted = true;
    row.open -= 1;
    counts.get(target)[failure === undefined ? 'served' : 'failed'] += 1;
    if (failure === undefined) row.served += 1;
    else row.failed[failure] = (row.failed[failure] ?? 0) + 1;
    row.slowestMs = Math.max(row.slowestMs, Date.now() - since);
    if (failure !== undefined)
      console.log(
        `${new Date().toISOString()} ${target} ${failure} after ${Date.now() - since} ms from port ${port}${details}`,
      );
  };
  // A connection each: one that is kept may be closed by the other side just as it is used again, which no restart causes.
  const sent = request(`${GATEWAY}/${target}`, { agent: false, timeout: timeoutMs }, (response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (text) => {
      body += text;
    });
    response.on('end', () => {
      if (response.statusCode === 200) return end();
      // Which proxy gave up, and why: a proxy that only passes the answer on says how long it took.
      const passedOn = response.headers['x-envoy-upstream-service-time'] === undefined ? '' : 'passed on, ';
      end(`HTTP ${response.statusCode}`, `: ${passedOn}${body.slice(0, 120)}`);
    });
    response.on('error', (error) => end(error.message));
  });
  let socket;
  let port;
  let isConnected = false;
  sent.on('socket', (given) => {
    socket = given;
    socket.on('connect', () => {
      isConnected = true;
      port = socket.localPort;
    });
  });
  sent.on('timeout', () => {
    // Afterwards the socket has no port any more.
    port = socket?.localPort;
    sent.destroy(new Error('timeout'));
  });
  sent.on('error', (error) => end(isConnected ? error.message : `not connected: ${error.message}`));
  sent.end();
}

/**
 * Resolves when the gateway has answered something, and is asked from ports that no later call has. A connection to a Service that kube-proxy
 * has no rules for yet leaves an entry in the node's connection tracking that leads nowhere for two minutes, and each
 * connection from the same port that follows it is lost as well.
 */
async function untilAnswered() {
  for (let localPort = FIRST_OWN_PORT; ; localPort += 1) {
    const failure = await new Promise((resolve) => {
      const sent = request(GATEWAY, { agent: false, localPort, timeout: 3_000 }, (response) => {
        response.resume();
        response.on('end', resolve);
      });
      sent.on('timeout', () => sent.destroy(new Error('timeout')));
      sent.on('error', resolve);
      sent.end();
    });
    if (failure === undefined) return;
    console.log(`${new Date().toISOString()} the gateway does not answer yet: ${failure.message}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Begins each call when it is due. A timer is late on a busy machine, and one that repeats would begin fewer calls than that. */
function pace() {
  const everyMs = Number(EVERY_MS);
  const began = performance.now();
  let rounds = 0;
  setInterval(() => {
    for (; rounds * everyMs <= performance.now() - began; rounds += 1) for (const target of counts.keys()) call(target);
  }, everyMs / 5);
}

/** Writes the seconds that are over and whose calls have ended, in order, so that a second that is written says that all before it are. */
function flush() {
  const now = Math.floor(Date.now() / 1000);
  for (const [key, { open, ...line }] of rows) {
    if (line.second >= now || open > 0) return;
    write(key, line);
  }
}

function write(key, line) {
  appendFileSync(FILE, `${JSON.stringify(line)}\n`);
  rows.delete(key);
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
process.once('SIGTERM', () => {
  for (const [key, { open, ...line }] of rows) write(key, line);
  process.exit(0);
});
await untilAnswered();
pace();
setInterval(flush, 1_000);
