import { setTimeout as sleep } from 'node:timers/promises';
import { addClient, type BenchDaemon, makeHome, removeHome, residentMiB, startBenchDaemon } from './daemon.ts';
import { createTarget, get, load, type Target } from './load.ts';
import { type BenchRow, median, quantile, report } from './report.ts';
import { startUpstream } from './upstream.ts';

// Through the door against going direct, to a fixed-answer upstream on loopback. Client, door, HSM process and upstream are four
// processes on one machine.

const REQUESTS = Number(process.env['KEYHOLD_BENCH_REQUESTS'] ?? 100_000);
const CLIENTS = 16;
const BLOCKS = 12;
const LATENCY_BLOCK = 250;
const THROUGHPUT_BLOCK = 1_500;
const DIRECT = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };

async function latency(direct: Target, door: Target): Promise<BenchRow[]> {
  const times = { direct: [] as number[], door: [] as number[] };
  for (let block = -2; block < BLOCKS; block++) {
    for (const [name, target] of [
      ['direct', direct],
      ['door', door],
    ] as const) {
      for (let i = 0; i < LATENCY_BLOCK; i++) {
        const time = await get(target);
        if (block >= 0) times[name].push(time);
      }
    }
  }
  return [0.5, 0.99].map((q) => {
    const [own, peer] = [quantile(times.door, q), quantile(times.direct, q)];
    const row = {
      what: `door, 1 client, p${q * 100}`,
      ours: `${own.toFixed(2)} ms`,
      peer: `${peer.toFixed(2)} ms direct`,
      measured: `+${(own - peer).toFixed(2)} ms`,
    };
    return q === 0.5 ? { ...row, target: '< 1 ms', met: own - peer < 1 } : row;
  });
}

async function throughput(direct: Target, door: Target): Promise<BenchRow> {
  const rates = { direct: [] as number[], door: [] as number[] };
  for (let block = -1; block < 5; block++) {
    for (const [name, target] of [
      ['direct', direct],
      ['door', door],
    ] as const) {
      const seconds = await load(target, CLIENTS, THROUGHPUT_BLOCK);
      if (block >= 0) rates[name].push(THROUGHPUT_BLOCK / seconds);
    }
  }
  const [own, peer] = [median(rates.door), median(rates.direct)];
  return {
    what: `door, ${CLIENTS} clients, requests per second`,
    ours: own.toFixed(0),
    peer: `${peer.toFixed(0)} direct`,
    measured: `${(own / peer).toFixed(2)} ×`,
  };
}

async function memory(door: Target, pid: number, idle: number): Promise<BenchRow[]> {
  const samples: { done: number; mib: number }[] = [];
  const pending: Promise<void>[] = [];
  const every = Math.max(1, Math.floor(REQUESTS / 100));
  const seconds = await load(door, CLIENTS, REQUESTS, (done) => {
    if (done % every !== 0) return;
    pending.push(residentMiB(pid).then((mib) => void (mib !== null && samples.push({ done, mib }))));
  });
  await Promise.all(pending);
  const fifth = (n: number): number =>
    median(samples.filter(({ done }) => Math.ceil((done / REQUESTS) * 5) === n).map(({ mib }) => mib));
  const [early, late] = [fifth(2), fifth(5)];
  const growth = late - early;
  return [
    {
      what: 'daemon’s memory, idle and unlocked',
      ours: `${idle.toFixed(0)} MiB`,
      target: '< 120 MB',
      met: idle * 1.048576 < 120,
    },
    {
      what: `daemon’s memory over ${REQUESTS.toLocaleString('en')} requests (${seconds.toFixed(0)} s)`,
      ours: `${late.toFixed(0)} MiB in the last fifth`,
      peer: `${early.toFixed(0)} MiB in the second`,
      measured: `${growth >= 0 ? '+' : ''}${growth.toFixed(1)} MiB`,
      target: '≤ 10 % or 10 MiB',
      met: growth <= Math.max(10, early * 0.1),
    },
  ];
}

const home = await makeHome();
let upstream: Awaited<ReturnType<typeof startUpstream>> | undefined;
let daemon: BenchDaemon | undefined;
try {
  upstream = await startUpstream();
  daemon = await startBenchDaemon(home);
  await daemon.create();
  const credentials = await addClient(daemon, upstream.url);
  await sleep(2_000);
  const idle = await residentMiB(daemon.pid);
  const direct = createTarget(upstream.url, DIRECT, CLIENTS);
  const door = createTarget(daemon.endpoint, credentials, CLIENTS);
  const rows = [...(await latency(direct, door)), await throughput(direct, door)];
  if (idle !== null) rows.push(...(await memory(door, daemon.pid, idle)));
  report(rows);
  direct.agent.destroy();
  door.agent.destroy();
} finally {
  await daemon?.stop();
  upstream?.stop();
  await removeHome(home);
}
