import CModelParity
import CoreML
import Foundation
import ModelParityArrays

#if MODELPARITY_STANDIN
  let replies = Handles<Reply>("reply", seed: 0x59)
#else
  private let noStandIn = Failure.unsupported("Core ML itself runs here: nothing can be registered in its place")
#endif

/// `mp_standin_register` of modelparity.h.
@_cdecl("mp_standin_register")
public func exportedStandInRegister(_ evaluator: UnsafePointer<mp_evaluator>?) -> Int32 {
  answering {
    #if MODELPARITY_STANDIN
      StandIn.register(try evaluator.map { try CEvaluator($0.pointee) })
    #else
      throw noStandIn
    #endif
  }
}

/// `mp_standin_behave` of modelparity.h.
@_cdecl("mp_standin_behave")
public func exportedStandInBehave(_ behaviour: UnsafePointer<CChar>?) -> Int32 {
  answering {
    #if MODELPARITY_STANDIN
      let words = try text(behaviour, "the behaviour")
      guard let behaviour = StandInBehaviour(words: words) else {
        throw Failure.invalid("the behaviour is '\(words)', expected of \(listed(StandInBehaviour.vocabulary.keys))")
      }
      StandIn.behave(behaviour)
    #else
      throw noStandIn
    #endif
  }
}

/// `mp_reply_text` of modelparity.h.
@_cdecl("mp_reply_text")
public func exportedReplyText(_ reply: OpaquePointer?, _ answer: UnsafePointer<CChar>?) -> Int32 {
  answering {
    #if MODELPARITY_STANDIN
      try replies.find(reply).tell(text(answer, "the description"))
    #else
      throw noStandIn
    #endif
  }
}

/// `mp_reply_tensor` of modelparity.h.
@_cdecl("mp_reply_tensor")
public func exportedReplyTensor(_ reply: OpaquePointer?, _ output: UnsafePointer<mp_tensor>?) -> Int32 {
  answering {
    #if MODELPARITY_STANDIN
      let reply = try replies.find(reply)
      guard let output else { throw Failure.invalid("the output is a null pointer") }
      try reply.add(GivenTensor(output.pointee, "an output"))
    #else
      throw noStandIn
    #endif
  }
}

/// `mp_reply_fail` of modelparity.h.
@_cdecl("mp_reply_fail")
public func exportedReplyFail(_ reply: OpaquePointer?, _ reason: UnsafePointer<CChar>?) -> Int32 {
  answering {
    #if MODELPARITY_STANDIN
      try replies.find(reply).fail(text(reason, "the reason"))
    #else
      throw noStandIn
    #endif
  }
}
