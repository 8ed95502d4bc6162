'use client'

import { type ReactNode, useEffect, useState } from 'react'
import { useSizes } from './use-sizes'

interface SelectedFileProps {
  file: File
  children: ReactNode
}

/** A card with the chosen file: a local preview, its name and size, and its status (`children`). */
export function SelectedFile({ file, children }: SelectedFileProps) {
  const sizes = useSizes()
  const preview = useObjectUrl(file)
  return (
    <div className="flex flex-wrap items-start gap-4 rounded-card border border-line bg-surface p-5 sm:flex-nowrap sm:gap-5 sm:p-6">
      <div className="size-20 shrink-0 overflow-hidden rounded-xl bg-raised ring-1 ring-line">
        {/* biome-ignore lint/performance/noImgElement: a file of this browser */}
        {preview && <img src={preview} alt="" width={80} height={80} className="size-full object-cover" />}
      </div>
      <div className="min-w-48 flex-1 space-y-3">
        <p className="text-sm">
          <span className="wrap-anywhere line-clamp-2 font-medium">
            <bdi>{file.name}</bdi>
          </span>
          <bdi className="text-muted">{sizes.bytes(file.size)}</bdi>
        </p>
        {children}
      </div>
    </div>
  )
}

/** Returns an object URL of the file, revoked when the file changes or the component unmounts. */
function useObjectUrl(file: File): string | null {
  const [url, setUrl] = useState<string | null>(null)
  useEffect(() => {
    const created = URL.createObjectURL(file)
    setUrl(created)
    return () => URL.revokeObjectURL(created)
  }, [file])
  return url
}
