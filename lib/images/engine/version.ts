/** Part of every cropId. Increase it when the same recipe would produce different pixels. */
export const engineVersion = 10
