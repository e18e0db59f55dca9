import { claimMachine } from "../../harness/host/lock.ts";
import { openChannelShell } from "../../harness/shell/channel-shell.ts";
import type { GuestShell } from "../../harness/shell/guest-shell.ts";
import { streamLine, type Line } from "../../harness/shell/line.ts";
import { openFramedShell } from "../../harness/shell/serial-shell.ts";
import { copies } from "./console-files.ts";
import { floorBulk, floorTrips } from "./console-floor.ts";
import { median } from "./median.ts";
import { openBenchGuest, type BenchGuest } from "./console-guest.ts";
import { clock, Way } from "./console-way.ts";

/** One line measured beside its floor: milliseconds of a round trip (median), bytes a second. */
interface LineBench {
  readonly floorMs: number;
  readonly commandMs: number;
  readonly floorBytes: number;
  readonly bulkBytes: number;
  /** commandMs / floorMs. */
  readonly ratio: number;
  /** bulkBytes / floorBytes. */
  readonly bulkRatio: number;
}

interface ConsoleBench {
  readonly commands: number;
  readonly wrong: number;
  readonly lost: number;
  readonly resent: number;
  readonly serialRatio: number;
  readonly channelRatio: number;
  readonly serialBulkRatio: number;
  readonly channelBulkRatio: number;
  /** The same as serialBulkRatio for bytes that cannot be packed. */
  readonly serialRandomRatio: number;
  /** Commands a second on ttyS0 while the kernel talks. */
  readonly noisyPerSecond: number;
  /** Kernel messages that came in between. */
  readonly kernelLines: number;
  readonly files: number;
  readonly filesWrong: number;
  readonly serial: LineBench;
  readonly channel: LineBench;
}

export interface ConsoleOptions {
  readonly image: string;
  readonly commands: number;
  readonly files: number;
  readonly progress: (line: string) => void;
}

/** Round trips and bulk beside a bare loop on the same lines of the same guest; then commands against a kernel that talks as fast as it can; then files both ways. */
export async function benchConsole({ image, commands, files, progress: tell }: ConsoleOptions): Promise<ConsoleBench> {
  const claim = await claimMachine("bench console");
  const began = performance.now();
  const progress = (line: string) => tell(`${clock(performance.now() - began)}  ${line}`);
  const guest = await openBenchGuest(image, progress);
  try {
    const channelLine = streamLine(guest.port);
    const openChannel = () => openChannelShell(guest.port, guest.errorPort, AbortSignal.timeout(60_000));
    const openSerial = () => openFramedShell(guest.serial, { way: "serial", standing: "sh" }, AbortSignal.timeout(60_000));
    const maker = await openChannel();
    await maker.run(
      "head -c 8388608 /dev/urandom >/tmp/channel; head -c 524288 /tmp/channel | base64 >/tmp/text; head -c 524288 /tmp/text >/tmp/serial",
    );
    await maker[Symbol.asyncDispose]();
    const channel = await measure(channelLine, openChannel, { file: "/tmp/channel", length: 8 << 20, trips: 1000 });
    progress(`virtio port: ${describe(channel)}`);
    const serial = await measure(guest.serial, openSerial, { file: "/tmp/serial", length: 512 << 10, trips: 300 });
    const serialRandomRatio = await randomBulk(openSerial, serial.floorBytes, 512 << 10);
    progress(`ttyS0: ${describe(serial)} (${serialRandomRatio.toFixed(2)} for random bytes)`);
    const ways = [new Way("ttyS0", openSerial, guest, progress), new Way("the virtio port", openChannel, guest, progress)] as const;
    const noisy = await againstKernel(guest, ...ways, commands, progress);
    const filesWrong = await copies(guest.folder, ways, files, progress);
    const { resent } = ways[0];
    return {
      ...{ commands, ...noisy, resent, files, filesWrong },
      ...{ serialRatio: serial.ratio, channelRatio: channel.ratio, serialBulkRatio: serial.bulkRatio, channelBulkRatio: channel.bulkRatio },
      serialRandomRatio,
      ...{ serial, channel },
    };
  } finally {
    await guest[Symbol.asyncDispose]();
    await claim[Symbol.asyncDispose]();
  }
}

/** Floor before and after: a host that warms up or slows down favours neither. */
async function measure(
  line: Line,
  open: () => Promise<GuestShell>,
  { file, length, trips }: { file: string; length: number; trips: number },
): Promise<LineBench> {
  const [floors, floorRates, times, rates]: number[][] = [[], [], [], []];
  await floorTrips(line, 20);
  for (let round = 0; round < 3; round++) {
    floors?.push(...(await floorTrips(line, trips / 3)));
    floorRates?.push(await floorBulk(line, file, length));
    const shell = await open();
    for (let index = 0; index < trips / 3; index++) {
      const started = performance.now();
      const { stdout } = await shell.run(`echo x${index}y`);
      times?.push(performance.now() - started);
      if (stdout !== `x${index}y\n`) throw new Error(`echo x${index}y answered ${JSON.stringify(stdout)}`);
    }
    rates?.push(await bulk(shell, `cat ${file}`, length));
    await shell[Symbol.asyncDispose]();
    // The shell underneath reads on.
    await floorTrips(line, 5);
  }
  const [floorMs, commandMs] = [median(floors as number[]), median(times as number[])];
  const [floorBytes, bulkBytes] = [median(floorRates as number[]), median(rates as number[])];
  return { floorMs, commandMs, floorBytes, bulkBytes, ratio: commandMs / floorMs, bulkRatio: bulkBytes / floorBytes };
}

/** Bytes a second of a command's output. */
async function bulk(shell: GuestShell, command: string, length: number): Promise<number> {
  const started = performance.now();
  const { stdoutBytes } = await shell.run(command);
  if (stdoutBytes.length !== length) throw new Error(`${command} came with ${stdoutBytes.length} bytes, not ${length}`);
  return length / ((performance.now() - started) / 1000);
}

/** What cannot be packed, on the line where output is packed, as a share of the floor. */
async function randomBulk(open: () => Promise<GuestShell>, floorBytes: number, length: number): Promise<number> {
  const shell = await open();
  const rates: number[] = [];
  for (let round = 0; round < 3; round++) rates.push(await bulk(shell, `head -c ${length} /tmp/channel`, length));
  await shell[Symbol.asyncDispose]();
  return median(rates) / floorBytes;
}

function describe({ floorMs, commandMs, floorBytes, bulkBytes, ratio, bulkRatio }: LineBench): string {
  const rate = (bytes: number) => `${(bytes / 1000).toFixed(0)} kB/s`;
  return `${commandMs.toFixed(2)} ms a command, floor ${floorMs.toFixed(2)} ms, ratio ${ratio.toFixed(2)}; ${rate(bulkBytes)} of output, floor ${rate(floorBytes)}, ratio ${bulkRatio.toFixed(2)}`;
}

async function againstKernel(guest: BenchGuest, way: Way, otherWay: Way, commands: number, progress: (line: string) => void) {
  const [first, other] = [await way.get(), await otherWay.get()];
  const over = new AbortController();
  let kernelLines = 0;
  const stop = guest.serial.listen((chunk) => (kernelLines += Buffer.from(chunk).toString("latin1").split("noise: ").length - 1));
  await other.run("cat /proc/sys/kernel/printk >/tmp/printk; echo 8 >/proc/sys/kernel/printk; echo on >/proc/sys/kernel/printk_devkmsg");
  const noise = other
    .run("while :; do echo '<4>noise: 0123456789abcdef {}[] +/=' >/dev/kmsg; done", { signal: over.signal, timeoutMs: 86_400_000 })
    .catch(() => {});
  const started = performance.now();
  let [wrong, lost] = [0, 0];
  let shell = first;
  for (let index = 0; index < commands; index++) {
    const [command, code, stdout, stderr] = exercise(index);
    try {
      const result = await shell.run(command);
      if (result.code !== code || result.stdout !== stdout || result.stderr !== stderr) {
        wrong++;
        progress(`wrong: ${command} gave ${JSON.stringify([result.code, result.stdout, result.stderr])}`);
      }
    } catch (error) {
      progress(`lost: ${command}: ${String(error)}`);
      lost++;
      shell = await way.get();
    }
    if ((index + 1) % 500 === 0) {
      const left = ((performance.now() - started) / (index + 1)) * (commands - index - 1);
      progress(`${index + 1} of ${commands} commands, ${way.resent} said again, ${kernelLines} kernel lines; ${clock(left)} to go`);
    }
  }
  const noisyPerSecond = commands / ((performance.now() - started) / 1000);
  over.abort(new Error("enough"));
  await noise;
  stop();
  await other.run("read -r level rest </tmp/printk; echo $level >/proc/sys/kernel/printk");
  progress(`${commands} commands against ${kernelLines} kernel lines: ${wrong} wrong, ${lost} lost, ${noisyPerSecond.toFixed(1)} a second`);
  return { wrong, lost, noisyPerSecond, kernelLines };
}

/** A command and what it must do: mostly builtins, now and then a subshell, an external program, output no builtin can say. */
function exercise(index: number): [command: string, code: number, stdout: string, stderr: string] {
  if (index % 50 === 49)
    return [`seq 1 ${index % 400}; exit 3`, 3, Array.from({ length: index % 400 }, (_, n) => `${n + 1}\n`).join(""), ""];
  if (index % 20 === 19)
    return [`printf '[   1.%06d] x\\n\\001' ${index}; echo no >&2`, 0, `[   1.${String(index).padStart(6, "0")}] x\n\u0001`, "no\n"];
  if (index % 5 === 4)
    return [`n=${index}; echo "it's $((n * 7))"; echo e$n >&2; exit $((n % 200))`, index % 200, `it's ${index * 7}\n`, `e${index}\n`];
  if (index % 5 === 3) return [`test -e /proc/${index % 2 ? "version" : "nothing"}`, index % 2 ? 0 : 1, "", ""];
  return [`echo word ${index}`, 0, `word ${index}\n`, ""];
}
