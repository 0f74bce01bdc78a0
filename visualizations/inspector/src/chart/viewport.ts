import { signal } from '@preact/signals';
import type { Point } from './laid-out-chart.js';

const LEAST_SCALE = 0.15;
const MOST_SCALE = 3;
/** Around a picture that fits its place. */
const MARGIN = 8;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Which part of a picture is seen, and how large. */
export class Viewport {
  readonly #view = signal({ x: 0, y: 0, scale: 1 });
  /** Whether the picture follows the size of its place: until a person moves it. */
  #isFitted = true;

  get transform(): string {
    const { x, y, scale } = this.#view.value;
    return `translate(${x.toFixed(2)} ${y.toFixed(2)}) scale(${scale.toFixed(4)})`;
  }

  get scale(): number {
    return this.#view.value.scale;
  }

  /** Shows all of it, in the middle; no larger than it was made. */
  fit(place: Size, picture: Size): void {
    this.#isFitted = true;
    if (place.width === 0 || place.height === 0 || picture.width === 0) return;
    const scale = Math.min(
      1.1,
      (place.width - 2 * MARGIN) / picture.width,
      (place.height - 2 * MARGIN) / picture.height,
    );
    this.#view.value = {
      x: (place.width - picture.width * scale) / 2,
      y: (place.height - picture.height * scale) / 2,
      scale,
    };
  }

  /** As `fit`, if nobody has moved it. */
  refit(place: Size, picture: Size): void {
    if (this.#isFitted) this.fit(place, picture);
  }

  move(x: number, y: number): void {
    this.#isFitted = false;
    const view = this.#view.peek();
    this.#view.value = { ...view, x: view.x + x, y: view.y + y };
  }

  /** Larger or smaller, around a point that stays where it is. */
  zoom(factor: number, around: Point): void {
    this.#isFitted = false;
    const { x, y, scale } = this.#view.peek();
    const next = Math.min(MOST_SCALE, Math.max(LEAST_SCALE, scale * factor));
    const ratio = next / scale;
    this.#view.value = {
      x: around.x - (around.x - x) * ratio,
      y: around.y - (around.y - y) * ratio,
      scale: next,
    };
  }
}
