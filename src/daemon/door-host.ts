import { type Door, startDoor } from '../aws/index.ts';
import { KeyholdError } from '../contract/errors.ts';
import type { ConfigStore } from '../core/config.ts';
import type { DoorState } from '../core/core.ts';
import type { DoorBackend } from '../core/door.ts';
import type { Clock, Logger } from '../core/ports.ts';
import { DEFAULT_PORT } from './config.ts';

/** How many ports after the wanted one are tried. */
const NEXT_PORTS = 50;

/** Certificate and key of the HTTPS door, PEM, with the CA that clients have to trust. */
export interface DoorTls {
  key: string;
  cert: string;
  ca: string;
}

export interface DoorHostOptions {
  backend: DoorBackend;
  clock: Clock;
  log: Logger;
  config: ConfigStore;
  /** Told of the bytes of an upstream's answer that have been passed on. */
  passed?: (bytes: number) => void;
  /** Given on the command line: this one or none. */
  port: number | undefined;
  /** Makes the HTTPS door's certificate; needs the vault unlocked. */
  issueTls: () => Promise<DoorTls>;
}

/**
 * The port to come back to at the next start, or undefined where that stays as it is: one that was asked for (0 asks for any), or the one that was found
 * when the default was taken.
 */
export function portToRemember(at: {
  wanted: number | undefined;
  remembered: number | undefined;
  opened: number;
}): number | undefined {
  const { wanted, remembered, opened } = at;
  if (wanted === 0 || opened === remembered) return undefined;
  if (wanted === undefined) return remembered === undefined && opened !== DEFAULT_PORT ? opened : undefined;
  return remembered === undefined && opened === DEFAULT_PORT ? undefined : opened;
}

/** The front door while the daemon runs: where it is, and how it moves. */
export class DoorHost {
  readonly #options: DoorHostOptions;
  #door: Door | undefined;
  #tls: DoorTls | undefined;
  #note: string | undefined;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(options: DoorHostOptions) {
    this.#options = options;
  }

  state(): DoorState {
    const door = this.#door;
    return {
      endpoint: door === undefined ? null : `http://127.0.0.1:${door.port}`,
      httpsEndpoint: door?.tlsPort === undefined ? null : `https://127.0.0.1:${door.tlsPort}`,
      ...(this.#note === undefined ? {} : { error: this.#note }),
      ...(this.#tls === undefined || door?.tlsPort === undefined ? {} : { caBundle: this.#tls.ca }),
    };
  }

  /**
   * Opens the door where it was last, or at the default port; if that is taken, at the next free one. A port given on the command line is the only one
   * tried. Throws `PortInUse`.
   */
  async open(): Promise<void> {
    const { config, port: wanted, log } = this.#options;
    const remembered = config.get().port;
    const first = wanted ?? remembered ?? DEFAULT_PORT;
    try {
      this.#door = await this.#start(first, undefined);
    } catch (error) {
      if (wanted !== undefined || !(error instanceof KeyholdError) || error.code !== 'PortInUse') throw error;
      this.#door = await this.#startAtNext(first);
      this.#note = `Port ${first} is taken by another program, so the front door is at port ${this.#door.port}.`;
      log.warn(this.#note);
    }
    const port = portToRemember({ wanted, remembered, opened: this.#door.port });
    if (port === undefined) return;
    try {
      config.update({ port });
    } catch (error) {
      log.warn(`Port ${port} could not be noted for the next start.`, { error });
    }
  }

  /** Opens HTTPS beside HTTP when the settings want it and it is not open yet. */
  async openHttps(): Promise<void> {
    const door = this.#door;
    if (door === undefined || door.tlsPort !== undefined || this.#options.config.get().https !== true) return;
    await this.move(undefined, true);
  }

  /** Moves the door, or (without a port) turns HTTPS on or off. The old one closes once the new one is open. Throws `PortInUse`. */
  move(port: number | undefined, https: boolean): Promise<void> {
    const result = this.#tail.then(() => this.#move(port, https));
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /** Resolves when no move is under way or waiting. */
  async settled(): Promise<void> {
    await this.#tail;
  }

  async close(): Promise<void> {
    await this.settled();
    const door = this.#door;
    this.#door = undefined;
    await door?.close();
  }

  async #move(wanted: number | undefined, https: boolean): Promise<void> {
    const tls = https ? await this.#options.issueTls() : undefined;
    const old = this.#door;
    const port = wanted ?? old?.port ?? this.#options.config.get().port ?? DEFAULT_PORT;
    if (old !== undefined && old.port === port) {
      this.#tls = undefined;
      if (tls === undefined) await old.closeTls();
      else await this.#openTls(old, tls);
    } else {
      this.#door = await this.#start(port, tls);
      await old?.close();
    }
    this.#tls = tls;
    if (wanted !== undefined) this.#note = undefined;
  }

  async #start(port: number, tls: DoorTls | undefined): Promise<Door> {
    const { backend, clock, log, passed } = this.#options;
    const door = await startDoor({ backend, clock, log, port, ...(passed === undefined ? {} : { passed }) });
    try {
      if (tls !== undefined) await this.#openTls(door, tls);
      return door;
    } catch (error) {
      await door.close();
      throw error;
    }
  }

  /** HTTPS is one port above HTTP, so that it is at the same place each time; if that is taken, anywhere. */
  async #openTls(door: Door, { key, cert }: DoorTls): Promise<void> {
    const above = door.port === 65_535 ? 0 : door.port + 1;
    try {
      await door.openTls({ key, cert, port: above });
    } catch (error) {
      if (above === 0 || !(error instanceof KeyholdError) || error.code !== 'PortInUse') throw error;
      this.#options.log.warn(`Port ${above} is taken by another program, so HTTPS is at another port.`);
      await door.openTls({ key, cert, port: 0 });
    }
  }

  async #startAtNext(taken: number): Promise<Door> {
    for (let port = taken + 1; port <= Math.min(65_535, taken + NEXT_PORTS); port += 1) {
      try {
        return await this.#start(port, undefined);
      } catch (error) {
        if (!(error instanceof KeyholdError) || error.code !== 'PortInUse') throw error;
      }
    }
    return this.#start(0, undefined);
  }
}
