import { useEffect, useState } from 'react'
import { useDesk } from '../../app/desk.ts'
import { dismiss } from '../../app/notices.ts'
import { Icon } from '../../ui/Icon.tsx'

const SHOWN_MS = 6000

/** Problems stay until dismissed; what was done is said once and fades. */
export function Notices() {
  const notices = useDesk((state) => state.notices)
  const announcement = useDesk((state) => state.announcement)
  const [faded, setFaded] = useState(0)
  useEffect(() => {
    if (!announcement) return
    const timer = setTimeout(() => setFaded(announcement.id), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [announcement])
  return (
    <>
      <div className="notices">
        {notices.map((notice) => (
          <div key={notice.id} className="notice" role="alert" data-testid="notice">
            <strong>{notice.message}</strong>
            <p>
              {notice.remedy}{' '}
              {notice.way && (
                <button type="button" className="link" data-testid="notice-way" onClick={notice.way.go}>
                  {notice.way.words}
                </button>
              )}
            </p>
            <button type="button" className="plain" aria-label="Dismiss" onClick={() => dismiss(notice.id)}>
              <Icon name="close" />
            </button>
          </div>
        ))}
      </div>
      <p
        className={announcement && faded === announcement.id ? 'announcement faded' : 'announcement'}
        role="status"
        aria-live="polite"
        data-testid="announcement"
      >
        {announcement?.text}
      </p>
    </>
  )
}
