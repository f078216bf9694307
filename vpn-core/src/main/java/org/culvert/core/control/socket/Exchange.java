package org.culvert.core.control.socket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request, one answer, and the connection ends: commands ask once. */
@SuppressWarnings("FutureReturnValueIgnored") // Netty's own; what fails closes the channel, and that is seen
final class Exchange extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
    private static final int MOST_PARAMETERS = 16;

    private final List<ControlHandler> handlers;

    Exchange(List<ControlHandler> handlers) {
        this.handlers = handlers;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        Answer answer = answer(request, context.channel());
        if (answer.feed() != null) {
            Streaming.start(context, answer, answer.feed());
            return;
        }
        HttpResponseStatus status = HttpResponseStatus.valueOf(answer.status());
        ByteBuf body = ByteBufUtil.writeUtf8(context.alloc(), answer.body());
        DefaultFullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
        HttpHeaders headers = response.headers();
        headers.set(HttpHeaderNames.CONTENT_TYPE, answer.contentType());
        headers.set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
        headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        headers.set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE);
        answer.headers().forEach(headers::set);
        context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    private Answer answer(FullHttpRequest request, Channel channel) {
        DecoderResult decoded = request.decoderResult();
        if (decoded.isFailure()) {
            return unreadable(decoded.cause());
        }
        QueryStringDecoder query = new QueryStringDecoder(request.uri(), StandardCharsets.UTF_8, true, MOST_PARAMETERS);
        Question question;
        String path;
        try {
            path = query.path();
            question = new Question(query.parameters(), request.content().toString(StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return Answer.refusal(Answer.BAD_REQUEST, "the address is not well formed");
        }
        List<ControlHandler> there = handlers.stream()
                .filter(handler -> handler.resource().path().equals(path))
                .toList();
        if (there.isEmpty()) {
            String paths = handlers.stream()
                    .map(handler -> handler.resource().path())
                    .distinct()
                    .collect(Collectors.joining(", "));
            return Answer.refusal(Answer.NOT_FOUND, "no such path; there are " + paths);
        }
        String method = request.method().name();
        for (ControlHandler handler : there) {
            Resource resource = handler.resource();
            if (resource.method().equals(method)) {
                return resource.rootOnly() && !Asker.isRoot(channel)
                        ? Answer.refusal(Answer.FORBIDDEN, "only root may ask for " + path)
                        : guarded(handler, question);
            }
        }
        String allowed =
                there.stream().map(handler -> handler.resource().method()).collect(Collectors.joining(", "));
        return Answer.refusal(HttpResponseStatus.METHOD_NOT_ALLOWED.code(), path + " takes " + allowed)
                .with("Allow", allowed);
    }

    private static Answer guarded(ControlHandler handler, Question question) {
        try {
            return handler.answer(question);
        } catch (TimeoutException e) {
            return Answer.refusal(HttpResponseStatus.SERVICE_UNAVAILABLE.code(), "the daemon is busy; try again");
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            LOG.error(
                    "{} {} failed",
                    handler.resource().method(),
                    handler.resource().path(),
                    e);
            return Answer.refusal(
                    HttpResponseStatus.INTERNAL_SERVER_ERROR.code(), "the daemon failed; its log says how");
        }
    }

    private static Answer unreadable(Throwable cause) {
        HttpResponseStatus status = cause instanceof TooLongHttpLineException
                ? HttpResponseStatus.REQUEST_URI_TOO_LONG
                : cause instanceof TooLongHttpHeaderException
                        ? HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
                        : HttpResponseStatus.BAD_REQUEST;
        return Answer.refusal(status.code(), "this is not a request the control socket takes");
    }

    /** Who asks may go away at any time; anything else is a bug. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof IOException)) {
            LOG.error("control socket", cause);
        }
        context.close();
    }
}
