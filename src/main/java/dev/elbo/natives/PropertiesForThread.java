package dev.elbo.natives;

import java.util.Collection;
import java.util.Enumeration;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A view of the system properties in which one thread reads some with other values until this is closed; other threads
 * read, and all threads write, the properties themselves. It serves libraries that can be configured by a system
 * property only.
 *
 * <p>While it is open it replaces {@link System#getProperties}. An object kept from there stays a view of the properties, also
 * after closing.
 *
 * @hidden
 */
public final class PropertiesForThread extends Properties {
    private static final long serialVersionUID = 1;

    private final transient Properties base;
    private final transient Thread thread;
    private final transient Map<String, String> own;
    private transient volatile boolean closed;

    private PropertiesForThread(Properties base, Map<String, String> own) {
        this.base = base;
        this.thread = Thread.currentThread();
        this.own = Map.copyOf(own);
    }

    /** Sets values, by the names of properties, that this thread alone reads; to be closed by this thread. */
    public static PropertiesForThread set(Map<String, String> own) {
        PropertiesForThread shown = new PropertiesForThread(System.getProperties(), own);
        System.setProperties(shown);
        return shown;
    }

    /** Restores the properties for this thread. */
    public void close() {
        closed = true;
        // if it has been replaced, its replacement may stand on it, and it is a plain view now
        if (System.getProperties() == this) {
            System.setProperties(base);
        }
    }

    @Override
    public String getProperty(String asked) {
        boolean other = !closed && Thread.currentThread() == thread && own.containsKey(asked);
        return other ? own.get(asked) : base.getProperty(asked);
    }

    @Override
    public Enumeration<?> propertyNames() {
        return base.propertyNames();
    }

    @Override
    public Set<String> stringPropertyNames() {
        return base.stringPropertyNames();
    }

    @Override
    public int size() {
        return base.size();
    }

    @Override
    public boolean isEmpty() {
        return base.isEmpty();
    }

    @Override
    public Enumeration<Object> keys() {
        return base.keys();
    }

    @Override
    public Enumeration<Object> elements() {
        return base.elements();
    }

    @Override
    public boolean contains(Object text) {
        return base.contains(text);
    }

    @Override
    public boolean containsValue(Object text) {
        return base.containsValue(text);
    }

    @Override
    public boolean containsKey(Object name) {
        return base.containsKey(name);
    }

    @Override
    public Object get(Object name) {
        return base.get(name);
    }

    @Override
    public Object put(Object name, Object text) {
        return base.put(name, text);
    }

    @Override
    public Object remove(Object name) {
        return base.remove(name);
    }

    @Override
    public void putAll(Map<?, ?> all) {
        base.putAll(all);
    }

    @Override
    public void clear() {
        base.clear();
    }

    @Override
    public Set<Object> keySet() {
        return base.keySet();
    }

    @Override
    public Collection<Object> values() {
        return base.values();
    }

    @Override
    public Set<Map.Entry<Object, Object>> entrySet() {
        return base.entrySet();
    }

    @Override
    public Object getOrDefault(Object name, Object otherwise) {
        return base.getOrDefault(name, otherwise);
    }

    @Override
    public void forEach(BiConsumer<? super Object, ? super Object> action) {
        base.forEach(action);
    }

    @Override
    public void replaceAll(BiFunction<? super Object, ? super Object, ?> function) {
        base.replaceAll(function);
    }

    @Override
    public Object putIfAbsent(Object name, Object text) {
        return base.putIfAbsent(name, text);
    }

    @Override
    public boolean remove(Object name, Object text) {
        return base.remove(name, text);
    }

    @Override
    public boolean replace(Object name, Object before, Object after) {
        return base.replace(name, before, after);
    }

    @Override
    public Object replace(Object name, Object text) {
        return base.replace(name, text);
    }

    @Override
    public Object computeIfAbsent(Object name, Function<? super Object, ?> function) {
        return base.computeIfAbsent(name, function);
    }

    @Override
    public Object computeIfPresent(Object name, BiFunction<? super Object, ? super Object, ?> function) {
        return base.computeIfPresent(name, function);
    }

    @Override
    public Object compute(Object name, BiFunction<? super Object, ? super Object, ?> function) {
        return base.compute(name, function);
    }

    @Override
    public Object merge(Object name, Object text, BiFunction<? super Object, ? super Object, ?> function) {
        return base.merge(name, text, function);
    }

    @Override
    public boolean equals(Object other) {
        return other == this || base.equals(other);
    }

    @Override
    public int hashCode() {
        return base.hashCode();
    }

    @Override
    public String toString() {
        return base.toString();
    }

    @Override
    public Object clone() {
        return base.clone();
    }
}
