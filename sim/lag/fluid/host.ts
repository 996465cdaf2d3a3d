import type { Instant } from "../../engine/time.ts";
import type { LagBatch } from "../flow.ts";

/** What the fluid model asks of the world. */
export interface FluidHost {
  now(): Instant;
  /** Call `wake(client)` at that instant, or not any more. Replaces what was asked for this client before. */
  wake(client: number, at: Instant | undefined): void;
  /** This client fell behind, or caught up: what `backlogged` says of it has changed. */
  saturationChanged(client: number): void;
  /** Lines bend at this instant: call `flush()` before the clock moves on. Said once until then. */
  changed(): void;
  /** The lines of one topic that bend now, ascending by partition. */
  emit(batch: LagBatch): void;
  /**
   * The last two instants, up to now, of which somebody may ask where this client's reading stood then (`positionAt`);
   * absent where there are none.
   */
  marks?(client: number): readonly [last: Instant, previous: Instant | undefined] | undefined;
}
