/** Part of every cropId. Raise it when the same recipe would produce other pixels. */
export const engineVersion = 3
