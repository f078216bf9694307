package org.culvert.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.jna.Native;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * Runs each test method on a thread that has left for a network namespace of its own, with nothing in it but lo. What
 * the test makes, sockets and child processes included, is made there; the namespace goes with the thread and the last
 * descriptor, so nothing can be left behind on the machine. Skips without root or /dev/net/tun, except where CI=true.
 */
final class LabExtension implements ExecutionCondition, InvocationInterceptor {
    private static final int CLONE_NEWNET = 0x40000000; // linux/sched.h

    static {
        Native.register(LabExtension.class, "c");
    }

    private static native int unshare(int flags);

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        String missing = missing();
        if (missing.isEmpty()) {
            return ConditionEvaluationResult.enabled("root, /dev/net/tun and ip are there");
        }
        if ("true".equals(System.getenv("CI"))) {
            throw new IllegalStateException("a lab test must not be skipped in CI: " + missing);
        }
        return ConditionEvaluationResult.disabled(missing);
    }

    private static String missing() {
        if (ProcessGuard.effectiveUserId() != 0) {
            return "needs root";
        }
        if (!Files.exists(Path.of("/dev/net/tun"))) {
            return "needs /dev/net/tun";
        }
        return Files.exists(Path.of("/usr/sbin/ip")) || Files.exists(Path.of("/sbin/ip")) ? "" : "needs iproute2";
    }

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        assertEquals(0, unshare(CLONE_NEWNET), "unshare");
                        ip("link set lo up");
                        invocation.proceed();
                    } catch (Throwable t) {
                        failure.set(t);
                    }
                },
                "lab " + method.getExecutable().getName());
        thread.start();
        thread.join();
        if (failure.get() != null) {
            throw failure.get();
        }
    }

    /** Runs iproute2's ip in the test's namespace: an opinion on the kernel's state that is not our own code's. */
    static String ip(String arguments) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(("ip " + arguments).split(" "))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), "ip " + arguments + ": " + output);
        return output;
    }
}
