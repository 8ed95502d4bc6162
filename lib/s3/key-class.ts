/**
 * Returns the words of a key, without ids, versions and file names: `users/<uid>/v1/entries/<name>` is `users/entries`.
 * Ids have digits or are longer than every word.
 */
export function keyClass(key: string): string {
  const folders = key.split('/').slice(0, -1)
  return folders.filter((folder) => /^[a-z][a-z-]{1,11}$/.test(folder)).join('/')
}
