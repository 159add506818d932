// Burn-in by stress-ng and fio where they are, and what is left without them.
import { expect, test } from 'vitest';
import { burnInSteps } from './burn-in.ts';
import { type Run, run } from './program.ts';

function steps(programs: readonly string[], runner: Run) {
  const disks = async () => [];
  const found = burnInSteps({ run: runner, disks, has: async (program) => programs.includes(program) });
  return async (name: string, driverInfo: object = {}) =>
    found.find(({ step }) => step === name)?.run({}, { driver_info: driverInfo }, () => {}, []);
}
function recorder(): { lines: string[]; run: Run } {
  const lines: string[] = [];
  return { lines, run: async (program, args) => String(lines.push([program, ...args].join(' '))) };
}

test("takes Ironic's settings from driver_info, as numbers or text", async () => {
  const { lines, run: record } = recorder();
  const burnIn = steps(['stress-ng', 'fio'], record);
  await burnIn('burnin_cpu', { agent_burnin_cpu_timeout: '60', agent_burnin_cpu_cpu: 2 });
  await burnIn('burnin_memory', { 'agent_burnin_vm_vm-bytes': '50%', agent_burnin_vm_timeout: 'soon' });
  await burnIn('burnin_disk', { agent_burnin_fio_disk_runtime: 30 });
  expect(lines[0]).toBe('stress-ng --cpu 2 --timeout 60 --verify --metrics-brief');
  expect(lines[1]).toBe('stress-ng --vm 0 --vm-bytes 50% --timeout 86400 --verify --metrics-brief');
  expect(lines[2]).toMatch(/^fio --rw readwrite .*--loops 4 --runtime 30 --time_based$/);
});

test('what reads back otherwise fails the burn-in: the programs look, and do not go on as if nothing was', async () => {
  const { lines, run: record } = recorder();
  const burnIn = steps(['stress-ng', 'fio'], record);
  for (const name of ['burnin_cpu', 'burnin_memory', 'burnin_disk']) await burnIn(name);
  for (const line of lines) expect(line).toMatch(/ --verify /);
  expect(lines[2]).not.toContain('continue_on_error');
});

test('of a machine in use the processors, memory and network are burnt in, never the disks', () => {
  const found = burnInSteps({ run, disks: async () => [] });
  const inService = found.filter(({ priority }) => priority.service !== undefined).map(({ step }) => step);
  expect(inService).toEqual(['burnin_cpu', 'burnin_memory', 'burnin_network']);
});

test('says which program a ramdisk lacks', async () => {
  const burnIn = steps([], recorder().run);
  await expect(burnIn('burnin_memory')).rejects.toThrow('this ramdisk has no stress-ng');
  await expect(burnIn('burnin_disk')).rejects.toThrow('this ramdisk has no fio');
});

test('without stress-ng the processors hash the same data again and again, and a wrong hash is found', async () => {
  const settings = { agent_burnin_cpu_timeout: 1, agent_burnin_cpu_cpu: 1 };
  await steps([], run)('burnin_cpu', settings);
  // A processor whose second hash differs from its first.
  const wrong: Run = (program, args) =>
    run(
      program,
      args.map((arg) => arg.replace('while true', 'sha512sum() { echo other; }; while true')),
    );
  await expect(steps([], wrong)('burnin_cpu', settings)).rejects.toThrow(/1 of 1 processors computed a wrong hash/);
});

/** Network burn-in of a machine in this role; both are here, so the partner is this machine. */
function network(port: number, settings: object): Promise<unknown> | undefined {
  const found = burnInSteps({ run, disks: async () => [], port }).find(({ step }) => step === 'burnin_network');
  return found?.run({}, { driver_info: settings }, () => {}, []);
}
const pair = (role: string) => ({
  agent_burnin_fio_network_config: { role, partner: '127.0.0.1' },
  agent_burnin_fio_network_runtime: 1,
});

test('two machines load the network between them, first one way, then the other', async () => {
  const [writer, reader] = await Promise.all([network(19_471, pair('writer')), network(19_471, pair('reader'))]);
  for (const result of [writer, reader]) {
    const { sent_bytes_per_second: sent, received_bytes_per_second: received } = Object(result);
    expect(sent).toBeGreaterThan(1e6);
    expect(received).toBeGreaterThan(1e6);
  }
});

test('network burn-in says what it lacks: a partner in the settings, or one that comes', async () => {
  await expect(network(19_472, {})).rejects.toThrow(/needs a partner/);
  const alone = { agent_burnin_fio_network_pairing_timeout: 1 };
  await expect(network(19_472, { ...pair('writer'), ...alone })).rejects.toThrow(/did not connect within 1 s/);
  await expect(network(19_472, { ...pair('reader'), ...alone })).rejects.toThrow(/does not listen on port 19472/);
});
