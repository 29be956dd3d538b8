import { describe, expect, test } from 'vitest';
import { MemoryMode } from '../../src/daemon/memory-mode.ts';

/** A mode whose time the test lets pass, and what it told V8. */
function started() {
  const told: string[] = [];
  let timer: (() => void) | null = null;
  const mode = new MemoryMode(
    {
      setTimer(_milliseconds, run) {
        timer = run;
        return { cancel: () => (timer = null) };
      },
    },
    { spend: () => told.push('spend'), spare: () => told.push('spare'), sweep: () => told.push('sweep') },
    (busy) => told.push(busy ? 'busy' : 'quiet'),
  );
  return {
    mode,
    told,
    waits: () => timer !== null,
    /** One window with so many requests. */
    second(requests: number) {
      for (let n = 0; n < requests; n++) mode.request();
      const due = timer;
      timer = null;
      due?.();
    },
  };
}

describe('what memory is for', () => {
  test('reading records takes what it wants, and gives it back', () => {
    const { mode, told, waits } = started();
    mode.readingBegins();
    mode.readingEnds();
    expect(told).toEqual(['spend', 'spare']);
    expect(waits()).toBe(false);
  });

  test('a busy door takes what it wants until it has been quiet for five seconds', () => {
    const { told, second, waits } = started();
    second(100);
    expect(told).toEqual(['spend', 'busy']);
    for (const requests of [0, 0, 0, 0, 500, 99, 0, 0, 0]) second(requests);
    expect(told).toEqual(['spend', 'busy']);
    second(0);
    expect(told).toEqual(['spend', 'busy', 'spare', 'quiet']);
    expect(waits()).toBe(false);
  });

  test('a few requests change nothing, and nothing wakes up once they are over', () => {
    const { told, second, waits } = started();
    second(99);
    second(3);
    expect(told).toEqual([]);
    expect(waits()).toBe(false);
  });

  test('reading that ends while the door is busy gives nothing back yet, nor does a quiet door while records are read', () => {
    const { mode, told, second } = started();
    mode.readingBegins();
    second(100);
    mode.readingEnds();
    expect(told).toEqual(['spend', 'spend', 'busy']);
    mode.readingBegins();
    for (let n = 0; n < 6; n++) second(0);
    expect(told).toEqual(['spend', 'spend', 'busy', 'spend', 'quiet']);
    mode.readingEnds();
    expect(told).toEqual(['spend', 'spend', 'busy', 'spend', 'quiet', 'spare']);
  });

  test('what a long answer leaves behind is collected as it passes', () => {
    const { mode, told } = started();
    for (let mebibyte = 0; mebibyte < 40; mebibyte++) mode.passed(1 << 20);
    expect(told).toEqual(['sweep', 'sweep']);
  });

  test('stopped, it waits for nothing', () => {
    const { mode, waits } = started();
    mode.request();
    expect(waits()).toBe(true);
    mode.stop();
    expect(waits()).toBe(false);
  });
});
