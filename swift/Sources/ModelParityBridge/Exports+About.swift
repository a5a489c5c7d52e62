import CModelParity
import Foundation

/// `mp_interface` of modelparity.h.
@_cdecl("mp_interface")
public func exportedInterface() -> Int32 { About.interface }

/// `mp_about` of modelparity.h.
@_cdecl("mp_about")
public func exportedAbout() -> UnsafeMutablePointer<CChar>? {
  (try? json(About.Report())).flatMap { strdup($0) }
}

/// `mp_text_free` of modelparity.h.
@_cdecl("mp_text_free")
public func exportedTextFree(_ text: UnsafeMutablePointer<CChar>?) { free(text) }

/// `mp_last_error` of modelparity.h.
@_cdecl("mp_last_error")
public func exportedLastError() -> UnsafePointer<CChar> { UnsafePointer(mp_thread_text()) }
