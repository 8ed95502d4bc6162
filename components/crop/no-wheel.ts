/** Replaces the package `normalize-wheel` (1 kB), which `react-easy-crop` needs only without `onWheelRequest`. */
export default function normalizeWheel(): never {
  throw new Error('The crop stage handles the wheel itself.')
}
