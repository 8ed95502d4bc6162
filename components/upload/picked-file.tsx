'use client'

import Image from 'next/image'
import { type ReactNode, useEffect, useState } from 'react'
import { useSizes } from './use-sizes'

interface PickedFileProps {
  file: File
  children: ReactNode
}

/** The chosen file: a small preview that never leaves the browser, its name and size, and what there is to say of it. */
export function PickedFile({ file, children }: PickedFileProps) {
  const sizes = useSizes()
  const preview = useObjectUrl(file)
  return (
    <div className="flex flex-wrap items-start gap-4 sm:flex-nowrap sm:gap-5">
      <div className="size-20 shrink-0 overflow-hidden rounded-xl bg-raised ring-1 ring-line">
        {preview && <Image src={preview} alt="" width={80} height={80} className="size-full object-cover" />}
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

/** A URL by which this page can show the file. It is revoked when the file changes or is no longer shown. */
function useObjectUrl(file: File): string | null {
  const [url, setUrl] = useState<string | null>(null)
  useEffect(() => {
    const created = URL.createObjectURL(file)
    setUrl(created)
    return () => URL.revokeObjectURL(created)
  }, [file])
  return url
}
