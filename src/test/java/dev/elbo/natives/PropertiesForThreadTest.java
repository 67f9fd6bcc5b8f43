package dev.elbo.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PropertiesForThreadTest {
    private static final String KEY = "dev.elbo.test.property";

    private static <T> T elsewhere(Supplier<T> question) {
        return CompletableFuture.supplyAsync(question, task -> new Thread(task).start())
                .join();
    }

    @Test
    void oneThreadReadsAnotherValueAndNobodyElseDoes() {
        Properties before = System.getProperties();
        System.setProperty(KEY, "theirs");
        PropertiesForThread shown = PropertiesForThread.set(Map.of(KEY, "ours"));
        try {
            assertEquals("ours", System.getProperty(KEY));
            assertEquals("ours", System.getProperty(KEY, "otherwise"));
            assertEquals("theirs", elsewhere(() -> System.getProperty(KEY)));
            assertEquals(System.getProperty("java.home"), elsewhere(() -> System.getProperty("java.home")));
            elsewhere(() -> System.setProperty(KEY, "changed"));
            assertEquals("changed", before.getProperty(KEY), "what is written is written to the properties themselves");
            assertEquals("ours", System.getProperty(KEY));
            assertEquals("otherwise", System.getProperty(KEY + ".none", "otherwise"));
        } finally {
            shown.close();
        }
        assertSame(before, System.getProperties());
        assertEquals("changed", System.clearProperty(KEY));
        assertEquals(null, shown.getProperty(KEY), "whoever kept it has the properties");
    }

    /** Two at a time, closed in the order that does not fit: a plain view is left in place, of one value for all. */
    @Test
    void othersInItsPlaceAreLeftThere() {
        Properties before = System.getProperties();
        PropertiesForThread first = PropertiesForThread.set(Map.of(KEY, "first"));
        PropertiesForThread second = PropertiesForThread.set(Map.of(KEY, "second"));
        try {
            assertEquals("second", System.getProperty(KEY));
            first.close();
            assertSame(second, System.getProperties());
            assertEquals("second", System.getProperty(KEY));
            second.close();
            assertNotSame(second, System.getProperties());
            assertEquals(null, System.getProperty(KEY));
        } finally {
            System.setProperties(before);
        }
    }

    /** What is not overridden works on what is: nothing falls into the empty table that it inherits. */
    @Test
    void allElseIsThatOfTheProperties() throws IOException {
        Properties before = System.getProperties();
        Properties base = new Properties();
        base.setProperty("a", "1");
        PropertiesForThread view;
        try {
            System.setProperties(base);
            view = PropertiesForThread.set(Map.of(KEY, "ours"));
            view.close();
        } finally {
            System.setProperties(before);
        }
        view.load(new StringReader("b = 2\n"));
        view.setProperty("c", "3");
        assertEquals(Set.of("a", "b", "c"), base.stringPropertyNames());
        StringWriter ours = new StringWriter();
        StringWriter theirs = new StringWriter();
        view.store(ours, null);
        base.store(theirs, null);
        assertEquals(
                theirs.toString().lines().skip(1).collect(Collectors.toSet()),
                ours.toString().lines().skip(1).collect(Collectors.toSet()));
        assertTrue(view.equals(base)
                && view.hashCode() == base.hashCode()
                && view.toString().equals(base.toString()));
        // these work through the others, as seen above; save is store's old name
        List<String> through = List.of("load", "store", "save", "storeToXML", "loadFromXML", "list", "setProperty");
        Set<String> own = names(PropertiesForThread.class);
        Set<String> missing = new TreeSet<>();
        for (Class<?> type : List.of(Properties.class, Hashtable.class, Map.class)) {
            missing.addAll(names(type));
        }
        missing.removeAll(own);
        missing.removeAll(through);
        assertEquals(Set.of(), missing);
    }

    private static Set<String> names(Class<?> type) {
        return Stream.of(type.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && !Modifier.isStatic(method.getModifiers()))
                .map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
