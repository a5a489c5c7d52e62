import CModelParity
import Foundation

/// `mp_model_open` of modelparity.h.
@_cdecl("mp_model_open")
public func exportedModelOpen(
  _ path: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?, _ model: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  answering {
    guard let model else { throw Failure.invalid("the place for the model is a null pointer") }
    model.pointee = nil
    let path = try text(path, "the path of the model")
    model.pointee = models.give(try OpenModel(path: path, options: Options(json: options)))
  }
}

/// `mp_model_close` of modelparity.h. Calls that run, states and results go on living.
@_cdecl("mp_model_close")
public func exportedModelClose(_ model: OpaquePointer?) { models.drop(model) }

/// `mp_model_describe` of modelparity.h.
@_cdecl("mp_model_describe")
public func exportedModelDescribe(
  _ model: OpaquePointer?, _ answer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  giving(answer) { try json(try models.find(model).report()) }
}

/// `mp_model_plan` of modelparity.h.
@_cdecl("mp_model_plan")
public func exportedModelPlan(
  _ model: OpaquePointer?, _ answer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  giving(answer) { try json(try models.find(model).plan()) }
}

private func giving(
  _ answer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ text: () throws -> String
) -> Int32 {
  answering {
    guard let answer else { throw Failure.invalid("the place for the JSON is a null pointer") }
    answer.pointee = nil
    answer.pointee = try copiedForC(text())
  }
}

/// `mp_state_make` of modelparity.h.
@_cdecl("mp_state_make")
public func exportedStateMake(_ model: OpaquePointer?, _ state: UnsafeMutablePointer<OpaquePointer?>?) -> Int32 {
  answering {
    guard let state else { throw Failure.invalid("the place for the state is a null pointer") }
    state.pointee = nil
    state.pointee = states.give(try KeptState(models.find(model)))
  }
}

/// `mp_state_reset` of modelparity.h.
@_cdecl("mp_state_reset")
public func exportedStateReset(_ state: OpaquePointer?) -> Int32 { answering { try states.find(state).reset() } }

/// `mp_state_free` of modelparity.h.
@_cdecl("mp_state_free")
public func exportedStateFree(_ state: OpaquePointer?) { states.drop(state) }
