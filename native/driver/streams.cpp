// Streams and events.
#include <algorithm>
#include <chrono>

#include "state.h"

namespace host_cuda {

Stream* streamOf(Context* context, void* handle) {
    if (handle == nullptr || handle == reinterpret_cast<void*>(1)) {
        return &context->null;
    }
    Stream* stream = state().streams.find(handle);
    return stream == nullptr || stream->context != context ? nullptr : stream;
}

namespace {

// A query says "not ready" a few times although nobody else works: who asks once and gives up is found out.
int query(Context* context, const OpPtr& op, int& busyAnswers) {
    if (!op || op->done) {
        return context->sticky;
    }
    if (busyAnswers < 0) {
        busyAnswers = static_cast<int>(state().draws.below(4));
    }
    if (busyAnswers-- > 0) {
        return NOT_READY;
    }
    return drain(context, {op}, true);
}

Event* eventOf(Context* context, void* handle) {
    Event* event = state().events.find(handle);
    return event == nullptr || event->context != context ? nullptr : event;
}

int refuseCaptured(Event* event) {
    if (event->capture) {
        invalidate(*event->capture);
        return CAPTURED_EVENT;
    }
    return SUCCESS;
}

// of a stream that captures: waiting for it has no meaning, and ends the capture
int refuseCapturing(Stream* stream) {
    if (stream->capture) {
        invalidate(*stream->capture);
        return STREAM_CAPTURE_UNSUPPORTED;
    }
    return &stream->context->null == stream ? implicitInCapture(stream->context) : SUCCESS;
}

int create(void** handle, unsigned flags, int priority, Context* context) {
    if (flags > STREAM_NON_BLOCKING) {
        return INVALID_VALUE;
    }
    auto stream = std::make_shared<Stream>();
    stream->context = context;
    stream->flags = flags;
    stream->blocking = flags != STREAM_NON_BLOCKING;
    stream->priority = priority;
    *handle = state().streams.add(stream);
    return SUCCESS;
}

int record(Context* context, void* handle, void* streamHandle) {
    Event* event = eventOf(context, handle);
    Stream* stream = streamOf(context, streamHandle);
    if (event == nullptr || stream == nullptr) {
        return INVALID_HANDLE;
    }
    if (stream->capture) {
        if (stream->capture->invalid) {
            return STREAM_CAPTURE_INVALIDATED;
        }
        event->capture = stream->capture;
        event->tips = stream->tips;
        return SUCCESS;
    }
    auto time = std::make_shared<double>(0);
    Work work;
    work.name = "event";
    work.run = [time] {
        *time = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
    };
    if (int error = push(*stream, std::move(work))) {
        return error;
    }
    event->capture.reset();
    event->recorded = stream->last;
    event->milliseconds = time;
    event->busyAnswers = -1;
    return SUCCESS;
}

// The stream joins the capture of the event, or waits for its work.
int wait(Stream* stream, Event* event) {
    if (event->capture) {
        if (event->capture->ended) {
            return CAPTURED_EVENT;
        }
        if (event->capture->invalid) {
            return STREAM_CAPTURE_INVALIDATED;
        }
        if (stream->capture && stream->capture != event->capture) {
            invalidate(*stream->capture);
            invalidate(*event->capture);
            return STREAM_CAPTURE_ISOLATION;
        }
        if (stream == &stream->context->null) {
            invalidate(*event->capture);
            return STREAM_CAPTURE_IMPLICIT;
        }
        stream->capture = event->capture;
        stream->tips.insert(stream->tips.end(), event->tips.begin(), event->tips.end());
        return SUCCESS;
    }
    if (!event->recorded) {
        return SUCCESS;
    }
    if (stream->capture) {
        invalidate(*stream->capture);
        return STREAM_CAPTURE_ISOLATION;
    }
    if (&stream->context->null == stream) {
        if (int error = implicitInCapture(stream->context)) {
            return error;
        }
    }
    submit(*stream, {}, {event->recorded});
    return SUCCESS;
}

}  // namespace
}  // namespace host_cuda

using namespace host_cuda;

extern "C" {

CUresult cuStreamCreate(void** handle, unsigned flags) {
    return call("cuStreamCreate", Needs::context, [=](Context* context) { return create(handle, flags, 0, context); });
}

CUresult cuStreamCreateWithPriority(void** handle, unsigned flags, int priority) {
    return call("cuStreamCreateWithPriority", Needs::context,
                [=](Context* context) { return create(handle, flags, priority, context); });
}

// What is queued still runs.
CUresult cuStreamDestroy_v2(void* handle) {
    return call("cuStreamDestroy", Needs::context, [=](Context* context) -> int {
        Stream* stream = state().streams.find(handle);
        if (stream == nullptr || stream->context != context) {
            return INVALID_HANDLE;
        }
        if (stream->capture) {
            invalidate(*stream->capture);
            for (auto& capture : state().captures) {
                capture->origin = capture->origin == stream ? nullptr : capture->origin;
            }
        }
        auto& orphans = context->orphans;
        orphans.push_back(stream->last);
        orphans.erase(std::remove_if(orphans.begin(), orphans.end(), [](const OpPtr& op) { return !op || op->done; }),
                      orphans.end());
        state().streams.all.erase(handle);
        return SUCCESS;
    });
}

CUresult cuStreamSynchronize(void* handle) {
    return call("cuStreamSynchronize", Needs::context, [=](Context* context) -> int {
        Stream* stream = streamOf(context, handle);
        if (stream == nullptr) {
            return INVALID_HANDLE;
        }
        if (int error = refuseCapturing(stream)) {
            return error;
        }
        // the NULL stream's own wait is a wait for every blocking stream too
        return drain(context, {stream == &context->null ? submit(*stream, {}) : stream->last}, true);
    });
}

CUresult cuStreamQuery(void* handle) {
    return call("cuStreamQuery", Needs::context, [=](Context* context) -> int {
        Stream* stream = streamOf(context, handle);
        if (stream == nullptr) {
            return INVALID_HANDLE;
        }
        if (int error = refuseCapturing(stream)) {
            return error;
        }
        return query(context, stream->last, stream->busyAnswers);
    });
}

CUresult cuStreamWaitEvent(void* handle, void* eventHandle, unsigned flags) {
    return call("cuStreamWaitEvent", Needs::context, [=](Context* context) -> int {
        Stream* stream = streamOf(context, handle);
        Event* event = state().events.find(eventHandle);
        if (stream == nullptr || event == nullptr) {
            return INVALID_HANDLE;
        }
        long& drop = state().dropWait;
        if (drop > 0 && --drop == 0) {
            return SUCCESS;
        }
        return flags != 0 ? INVALID_VALUE : wait(stream, event);
    });
}

CUresult cuStreamGetCtx(void* handle, void** contextHandle) {
    return call("cuStreamGetCtx", Needs::context, [=](Context* context) -> int {
        *contextHandle = context->handle;
        return streamOf(context, handle) == nullptr ? INVALID_HANDLE : SUCCESS;
    });
}

CUresult cuStreamGetFlags(void* handle, unsigned* flags) {
    return call("cuStreamGetFlags", Needs::context, [=](Context* context) -> int {
        Stream* stream = streamOf(context, handle);
        *flags = stream == nullptr ? 0 : stream->flags;
        return stream == nullptr ? INVALID_HANDLE : SUCCESS;
    });
}

CUresult cuStreamGetPriority(void* handle, int* priority) {
    return call("cuStreamGetPriority", Needs::context, [=](Context* context) -> int {
        Stream* stream = streamOf(context, handle);
        *priority = stream == nullptr ? 0 : stream->priority;
        return stream == nullptr ? INVALID_HANDLE : SUCCESS;
    });
}

CUresult cuEventCreate(void** handle, unsigned flags) {
    return call("cuEventCreate", Needs::context, [=](Context* context) -> int {
        if (flags > 3) {
            return INVALID_VALUE;
        }
        auto event = std::make_shared<Event>();
        event->context = context;
        event->timed = (flags & EVENT_DISABLE_TIMING) == 0;
        *handle = state().events.add(event);
        return SUCCESS;
    });
}

CUresult cuEventRecord(void* handle, void* stream) {
    return call("cuEventRecord", Needs::context, [=](Context* context) { return record(context, handle, stream); });
}

CUresult cuEventQuery(void* handle) {
    return call("cuEventQuery", Needs::context, [=](Context* context) -> int {
        Event* event = eventOf(context, handle);
        if (event == nullptr) {
            return INVALID_HANDLE;
        }
        if (int error = refuseCaptured(event)) {
            return error;
        }
        if (int error = unsafeInCapture(context)) {
            return error;
        }
        return query(context, event->recorded, event->busyAnswers);
    });
}

CUresult cuEventSynchronize(void* handle) {
    return call("cuEventSynchronize", Needs::context, [=](Context* context) -> int {
        Event* event = eventOf(context, handle);
        if (event == nullptr) {
            return INVALID_HANDLE;
        }
        if (int error = refuseCaptured(event)) {
            return error;
        }
        return drain(context, {event->recorded}, true);
    });
}

CUresult cuEventElapsedTime(float* milliseconds, void* from, void* to) {
    return call("cuEventElapsedTime", Needs::context, [=](Context* context) -> int {
        Event* first = eventOf(context, from);
        Event* second = eventOf(context, to);
        if (first == nullptr || second == nullptr || !first->timed || !second->timed || !first->recorded ||
            !second->recorded) {
            return INVALID_HANDLE;
        }
        if (!first->recorded->done || !second->recorded->done) {
            return NOT_READY;
        }
        *milliseconds = static_cast<float>(*second->milliseconds - *first->milliseconds);
        return SUCCESS;
    });
}

CUresult cuEventDestroy_v2(void* handle) {
    return call("cuEventDestroy", Needs::context, [=](Context*) -> int {
        return state().events.all.erase(handle) == 0 ? INVALID_HANDLE : SUCCESS;
    });
}
}
