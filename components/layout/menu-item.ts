/** The classes of a line in the account menu. */
export const menuItemLook =
  'flex min-h-11 items-center gap-3 rounded-2xl border border-transparent px-3 text-start text-sm transition-colors duration-150 hover:bg-raised [&_svg]:size-4.5 [&_svg]:shrink-0'
